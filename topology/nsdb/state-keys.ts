import { parseUuid, type Uuid } from '../model/ids.ts';
import { parseJson, type Json } from '../model/json.ts';
import type { Codec, StateKey } from './state-key.ts';

/** The namespace of what nodes of the cluster publish: the nil UUID (RFC 9562 §5.9). */
export const CLUSTER: Uuid = nilUuid();

/** Any JSON value as its text. What a value must hold is its reader's to check. */
const JSON_TEXT: Codec<Json> = { format: (value) => JSON.stringify(value), parse: parseJson };
const PLAIN_TEXT: Codec<string> = { format: (value) => value, parse: (text) => text };

// Every state key of spec 10 §4.

export const HOST_ALIVE = lastWins('Host', 'alive', PLAIN_TEXT);
/** The host's interfaces, and its id. */
export const HOST_HOST = lastWins('Host', 'host', JSON_TEXT);
/** Weight, quota and count of the containers. Published through a handle whose session times out after 5 s (spec 70 §1.2). */
export const HOST_CONTAINER = lastWins('Host', 'container', JSON_TEXT);
/** Host id and tunnel key of an exterior port that is up where it is bound. */
export const PORT_ACTIVE = lastWins('Port', 'active', JSON_TEXT);
/** What the routing daemon says of its neighbours. */
export const PORT_BGP = lastWins('Port', 'bgp', PLAIN_TEXT);
/** Learned routes, one value each. */
export const PORT_ROUTES: StateKey<Json> = { class: 'Port', key: 'routes', kind: 'multiple', codec: JSON_TEXT };
export const SERVICE_CONTAINER_STATUS = lastWins('ServiceContainer', 'status', JSON_TEXT);
export const POOL_MEMBER_STATUS = lastWins('PoolMember', 'status', PLAIN_TEXT);
export const TUNNEL_ZONE_FLOODING_PROXY = lastWins('TunnelZone', 'flooding_proxy', PLAIN_TEXT);
export const VTEP_CONFIG = lastWins('Vtep', 'config', JSON_TEXT);
export const VTEP_CONNECTION_STATE = lastWins('Vtep', 'connection_state', PLAIN_TEXT);
export const VTEP_VXGW_MANAGER: StateKey<string> = {
  class: 'Vtep',
  key: 'vxgw_manager',
  kind: 'first-wins',
  codec: PLAIN_TEXT,
};

function lastWins<V>(cls: StateKey<V>['class'], key: string, codec: Codec<V>): StateKey<V> {
  return { class: cls, key, kind: 'last-wins', codec };
}

function nilUuid(): Uuid {
  const nil = parseUuid('00000000-0000-0000-0000-000000000000');
  if (nil === undefined) throw new TypeError('the nil UUID is one');
  return nil;
}
