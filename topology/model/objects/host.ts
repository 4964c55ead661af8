import type { Static } from 'typebox';
import { NAME, UUID } from '../schema/fields.ts';
import { open, whole } from '../schema/json-schema.ts';

/** A machine that runs an agent (spec 10 §1). Ports and tunnel zones name it. */
export const HOST = open(
  { id: UUID },
  { name: NAME, floodingProxyWeight: whole(0, 0x7fff_ffff, { default: 1 }) },
  { title: 'a host' },
);

export type Host = Static<typeof HOST>;
