import { parseUuid, type Uuid } from '../model/ids.ts';
import { parseJson, type Json } from '../model/json.ts';
import type { Codec, StateKey } from './state-key.ts';

/** The namespace of what nodes of the cluster publish: the nil UUID (RFC 9562 §5.9). */
export const CLUSTER: Uuid = nilUuid();

/** Any JSON value as its text. What a value must hold is its reader's to check. */
const JSON_TEXT: Codec<Json> = { format: (value) => JSON.stringify(value), parse: parseJson };
const PLAIN_TEXT: Codec<string> = { format: (value) => value, parse: (text) => text };

// The state keys of spec 10 §4 that are in use.

export const HOST_ALIVE = lastWins('Host', 'alive', PLAIN_TEXT);
/** Host id and tunnel key of an exterior port that is up where it is bound. */
export const PORT_ACTIVE = lastWins('Port', 'active', JSON_TEXT);
/** What the routing daemon says of its neighbours. */
export const PORT_BGP = lastWins('Port', 'bgp', PLAIN_TEXT);
/** Learned routes, one value each. */
export const PORT_ROUTES: StateKey<Json> = { class: 'Port', key: 'routes', kind: 'multiple', codec: JSON_TEXT };
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
