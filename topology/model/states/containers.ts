import { NAME, UUID } from '../schema/fields.ts';
import { oneOf, open, text, whole } from '../schema/json-schema.ts';

/** How many service containers a host takes: `quota` more, -1 for any number, beside the `count` it has (spec 70 §6). */
export const CONTAINER_CAPACITY = open(
  { weight: whole(0, 0x7fff_ffff), quota: whole(-1, 0x7fff_ffff), count: whole(0, 0x7fff_ffff) },
  {},
  { title: "a host's room for containers" },
);

/** How a service container does, on which host, and by what it is known there. */
export const CONTAINER_STATUS = open(
  { status: oneOf(['STARTING', 'RUNNING', 'STOPPING', 'ERROR']), hostId: UUID },
  { namespace: NAME, interfaceName: NAME, message: text('a text', '') },
  { title: "a container's status" },
);
