import type { Static } from 'typebox';
import { NAME, UP, UUID } from '../schema/fields.ts';
import { open } from '../schema/json-schema.ts';

/** Ports that rules treat alike, and that share flow state when `stateful` (spec 10 §1). Its ports name it. */
export const PORT_GROUP = open({ id: UUID, stateful: UP }, { name: NAME, tenantId: NAME }, { title: 'a port group' });

export type PortGroup = Static<typeof PORT_GROUP>;
