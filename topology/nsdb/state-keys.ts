import { parseUuid, type Uuid } from '../model/ids.ts';
import { parseJson, type Json } from '../model/json.ts';
import { admits } from '../model/schema/admits.ts';
import type { Schema } from '../model/schema/json-schema.ts';
import { CONTAINER_CAPACITY, CONTAINER_STATUS } from '../model/states/containers.ts';
import { HOST_INTERFACES_STATE } from '../model/states/host-interfaces.ts';
import { VTEP_CONFIG_STATE } from '../model/states/vtep-config.ts';
import type { Codec, StateKey } from './state-key.ts';

/** The namespace of what nodes of the cluster publish: the nil UUID (RFC 9562 §5.9). */
export const CLUSTER: Uuid = nilUuid();

/** Any JSON value as its text. What a value must hold is its reader's to check. */
const JSON_TEXT: Codec<Json> = { format: (value) => JSON.stringify(value), parse: parseJson };
const PLAIN_TEXT: Codec<string> = { format: (value) => value, parse: (text) => text };
/** A host's id, or nothing. */
const HOST_OR_NONE: Codec<Uuid | null> = {
  format: (id) => id ?? '',
  parse: (text) => (text === '' ? null : parseUuid(text)),
};

// The state keys of spec 10 §4.

export const HOST_ALIVE = lastWins('Host', 'alive', PLAIN_TEXT);
export const HOST_INTERFACES = lastWins('Host', 'host', jsonOf(HOST_INTERFACES_STATE));
/** Published under a session of 5 s of its own, so that a dead host of containers is noticed early (spec 70 §1.2). */
export const HOST_CONTAINER = lastWins('Host', 'container', jsonOf(CONTAINER_CAPACITY));
/** Host id and tunnel key of an exterior port that is up where it is bound. */
export const PORT_ACTIVE = lastWins('Port', 'active', JSON_TEXT);
/** What the routing daemon says of its neighbours. */
export const PORT_BGP = lastWins('Port', 'bgp', PLAIN_TEXT);
/** Learned routes, one value each. */
export const PORT_ROUTES: StateKey<Json> = { class: 'Port', key: 'routes', kind: 'multiple', codec: JSON_TEXT };
export const SERVICE_CONTAINER_STATUS = lastWins('ServiceContainer', 'status', jsonOf(CONTAINER_STATUS));
/** Whether a member of a pool answers, where a health monitor asks. */
export const POOL_MEMBER_STATUS = lastWins('PoolMember', 'status', oneOf(['ACTIVE', 'INACTIVE']));
/** The host that floods for the VTEPs of a zone; null while none is fit for it. */
export const TUNNEL_ZONE_FLOODING_PROXY = lastWins('TunnelZone', 'flooding_proxy', HOST_OR_NONE);
export const VTEP_CONFIG = lastWins('Vtep', 'config', jsonOf(VTEP_CONFIG_STATE));
export const VTEP_CONNECTION_STATE = lastWins(
  'Vtep',
  'connection_state',
  oneOf(['CONNECTED', 'DISCONNECTED', 'ERROR']),
);
/** The node of the cluster that looks after a VTEP. */
export const VTEP_VXGW_MANAGER: StateKey<string> = {
  class: 'Vtep',
  key: 'vxgw_manager',
  kind: 'first-wins',
  codec: PLAIN_TEXT,
};

function lastWins<V>(cls: StateKey<V>['class'], key: string, codec: Codec<V>): StateKey<V> {
  return { class: cls, key, kind: 'last-wins', codec };
}

/** Values that a schema describes, as JSON. Members that it does not name are let be: a newer version may have put them there. */
function jsonOf<T>(schema: Schema<T>): Codec<T> {
  return {
    format: (value) => JSON.stringify(value),
    parse: (text) => {
      const value = parseJson(text);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema vouches for it
      return value !== undefined && admits(schema, value) ? (value as T) : undefined;
    },
  };
}

function oneOf<const Word extends string>(words: readonly Word[]): Codec<Word> {
  return { format: (word) => word, parse: (text) => words.find((word) => word === text) };
}

function nilUuid(): Uuid {
  const nil = parseUuid('00000000-0000-0000-0000-000000000000');
  if (nil === undefined) throw new TypeError('the nil UUID is one');
  return nil;
}
