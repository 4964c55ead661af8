import type { Uuid } from '../../topology/model/ids.ts';
import { prefixOf, type Ipv4, type Ipv4Prefix } from '../../topology/model/ipv4.ts';
import { parseIpv4 } from '../../topology/model/ipv4.ts';
import type { JsonObject } from '../../topology/model/json.ts';
import type { Mac } from '../../topology/model/mac.ts';
import { PORT_ACTIVE } from '../../topology/nsdb/state-keys.ts';
import type { Dependencies } from './dependencies.ts';
import { flagOf, ipv4Of, macOf, numberOf, textOf, textsOf, uuidOf } from './fields.ts';

/** A stored port, its fields in the types that devices reckon with. */
interface PortRecord {
  readonly id: Uuid;
  readonly name: string;
  readonly network: Uuid | undefined;
  readonly router: Uuid | undefined;
  readonly peer: Uuid | undefined;
  readonly host: Uuid | undefined;
  readonly isBound: boolean;
  readonly adminUp: boolean;
  readonly mac: Mac | undefined;
  readonly address: Ipv4 | undefined;
  readonly prefix: Ipv4Prefix | undefined;
  readonly mtu: number;
}

/** A port as its device finds it: with its peer, and whether its agent says that it is active. */
export interface FoundPort {
  readonly record: PortRecord;
  readonly peer: PortRecord | undefined;
  readonly isActive: boolean;
}

function portRecordOf(id: Uuid, fields: JsonObject): PortRecord {
  const host = uuidOf(fields, 'hostId');
  return {
    id,
    name: textOf(fields, 'name') ?? id,
    network: uuidOf(fields, 'networkId'),
    router: uuidOf(fields, 'routerId'),
    peer: uuidOf(fields, 'peerId'),
    host,
    isBound: host !== undefined && textOf(fields, 'interfaceName') !== undefined,
    adminUp: flagOf(fields, 'adminStateUp', true),
    mac: macOf(fields, 'portMac'),
    ...addressOf(fields),
    mtu: numberOf(fields, 'mtu') ?? Infinity,
  };
}

/**
 * The address of a router port and the segment it lies in: with one subnet, that subnet's prefix length for `portAddress`;
 * otherwise the first IPv4 subnet, whose own address counts (spec 10 §1).
 */
function addressOf(fields: JsonObject): { address: Ipv4 | undefined; prefix: Ipv4Prefix | undefined } {
  const subnets = textsOf(fields, 'portSubnet').flatMap((text) => {
    const [head = '', length = ''] = text.split('/');
    const address = parseIpv4(head);
    return address === undefined ? [] : [{ address, length: Number(length) }];
  });
  const [first] = subnets;
  const own = ipv4Of(fields, 'portAddress');
  if (first === undefined) return { address: own, prefix: own === undefined ? undefined : prefixOf(own, 32) };
  const address = subnets.length === 1 ? (own ?? first.address) : first.address;
  return { address, prefix: prefixOf(address, first.length) };
}

/**
 * The ports that refer to a device, with their peers and whether they are active. Within a reading of {@link Dependencies}.
 *
 * A port is active when it is bound and an agent of its host has said so.
 */
export function findPorts(parts: Dependencies, ids: readonly Uuid[]): readonly FoundPort[] {
  const records = parts.objects('Port', ids).map(([id, fields]) => portRecordOf(id, fields));
  const peers = new Map(
    parts
      .objects(
        'Port',
        records.flatMap(({ peer }) => peer ?? []),
      )
      .map(([id, fields]) => [id, portRecordOf(id, fields)]),
  );
  const bound = records.flatMap(({ id, host, isBound }) =>
    isBound && host !== undefined ? [{ namespace: host, id }] : [],
  );
  const active = new Set<Uuid>();
  for (const [at, values] of parts.states(PORT_ACTIVE, bound).entries()) {
    const place = bound[at];
    if (place !== undefined && values.length > 0) active.add(place.id);
  }
  return records.map((record) => ({
    record,
    peer: record.peer === undefined ? undefined : peers.get(record.peer),
    isActive: active.has(record.id),
  }));
}
