import type { Uuid } from '../../topology/model/ids.ts';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../topology/model/json.ts';

/** What a field is called, and how its value is told. */
interface FieldWord {
  readonly word: string;
  readonly tell: (value: Json, nameOf: (id: Uuid) => string) => string;
  /** The value that goes without saying for something new. */
  readonly usual?: Json;
  /** Says nothing of something new that its name does not. */
  readonly isInName?: boolean;
}

const plain = (value: Json): string =>
  isJsonArray(value) ? value.map(plain).join(' ') : typeof value === 'string' ? value : JSON.stringify(value);
const named = (value: Json, nameOf: (id: Uuid) => string): string =>
  isJsonArray(value) ? value.map((one) => named(one, nameOf)).join(' ') : nameOf(plain(value) as Uuid); // oxlint-disable-line typescript/no-unsafe-type-assertion -- what is no id has no name, and is told as it is
const members = (value: Json, nameOf: (id: Uuid) => string): string =>
  isJsonArray(value) ? value.map((one) => member(one, nameOf)).join(' ') : plain(value);
const member = (value: Json, nameOf: (id: Uuid) => string): string =>
  isJsonObject(value) ? `${named(value['hostId'] ?? '', nameOf)}=${plain(value['ip'] ?? '')}` : plain(value);
const yesNo = (value: Json): string => (value === true ? 'yes' : 'no');

/** In the order in which they are told. */
const FIELDS: Readonly<Record<string, FieldWord>> = {
  name: { word: 'name', tell: plain, isInName: true },
  type: { word: 'type', tell: plain, usual: 'VXLAN' },
  hosts: { word: 'hosts', tell: members, usual: [] },
  hostIds: { word: 'members', tell: named, isInName: true },
  stateful: { word: 'stateful', tell: yesNo, usual: false },
  adminStateUp: { word: 'up', tell: yesNo, usual: true },
  networkId: { word: 'bridge', tell: named, isInName: true },
  routerId: { word: 'router', tell: named, isInName: true },
  peerId: { word: 'link', tell: named },
  hostId: { word: 'host', tell: named },
  interfaceName: { word: 'interface', tell: plain },
  vlanId: { word: 'vlan', tell: plain },
  portAddress: { word: 'address', tell: plain },
  portSubnet: { word: 'subnet', tell: plain },
  portMac: { word: 'mac', tell: plain },
  mtu: { word: 'mtu', tell: plain },
  portGroupIds: { word: 'groups', tell: named },
  dstSubnet: { word: 'to', tell: plain, isInName: true },
  srcSubnet: { word: 'from', tell: plain, usual: '0.0.0.0/0' },
  nextHop: { word: 'action', tell: (value) => plain(value).toLowerCase(), usual: 'PORT' },
  nextHopGateway: { word: 'via', tell: plain },
  nextHopPortId: { word: 'port', tell: named },
  weight: { word: 'weight', tell: plain },
};

/** The fields of something new, in a few words. */
export function tellFields(fields: JsonObject, nameOf: (id: Uuid) => string): string {
  const parts = Object.entries(FIELDS).flatMap(([field, { word, tell, usual, isInName = false }]) => {
    const value = fields[field];
    if (value === undefined || isInName || JSON.stringify(value) === JSON.stringify(usual)) return [];
    return [`${word} ${tell(value, nameOf)}`];
  });
  return parts.join(', ');
}

/** A field that is to differ: `mtu 1500 → 9000`. */
export function tellChange(
  field: string,
  before: Json | undefined,
  after: Json | undefined,
  arrow: string,
  nameOf: (id: Uuid) => string,
): string {
  const { word, tell } = FIELDS[field] ?? { word: field, tell: plain };
  const told = (value: Json | undefined) => (value === undefined ? 'none' : tell(value, nameOf));
  return `${word} ${told(before)} ${arrow} ${told(after)}`;
}
