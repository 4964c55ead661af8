import type { Static } from 'typebox';
import { NAME, UP, UUID } from '../schema/fields.ts';
import { open } from '../schema/json-schema.ts';

/** A virtual router (spec 10 §1). Its ports and routes name it. */
export const ROUTER = open({ id: UUID, adminStateUp: UP }, { name: NAME, tenantId: NAME }, { title: 'a router' });

export type Router = Static<typeof ROUTER>;
