import type { Static } from 'typebox';
import { NAME, TUNNEL_KEY, UP, UUID } from '../schema/fields.ts';
import { open } from '../schema/json-schema.ts';

/** A bridge: a virtual Ethernet network (spec 10 §1). Its ports name it. */
export const NETWORK = open(
  { id: UUID, adminStateUp: UP },
  { name: NAME, tenantId: NAME, tunnelKey: TUNNEL_KEY },
  { title: 'a bridge' },
);

export type Network = Static<typeof NETWORK>;
