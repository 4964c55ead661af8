import { FlowTable } from '../../datapath/flow-table/flow-table.ts';
import type { Likeness } from '../../datapath/flow-table/shared-values.ts';
import {
  ETH_DST,
  ETH_SRC,
  ETHER_TYPE,
  FRAGMENT,
  IN_PORT,
  IP_DST,
  IP_PROTO,
  IP_SRC,
  KEY_WORDS,
  L4_DST,
  L4_SRC,
  SOUND_IPV4,
  TCP_FLAGS,
  TOS,
  TTL,
  VLAN,
  WORD,
  type Fields,
} from '../../simulation/packet/flow-key.ts';
import { TagList, type Tag } from '../../simulation/tag.ts';
import { deviceIdOf, portIdOf } from '../../topology/model/ids.ts';
import { ipv4Of } from '../../topology/model/ipv4.ts';
import { macOf } from '../../topology/model/mac.ts';
import { millisOf } from '../../topology/model/time.ts';

/** Actions of a benchmark: an egress and a next hop. */
export interface BenchActions {
  readonly egress: number;
  readonly nextHop: number;
}

const ACTIONS: Likeness<BenchActions> = {
  hash: ({ egress, nextHop }) => Math.imul(egress, 0x9e37_79b1) ^ nextHop,
  equals: (a, b) => a.egress === b.egress && a.nextHop === b.nextHop,
};

const BRIDGED: Fields = ETH_DST | ETH_SRC | ETHER_TYPE | VLAN;
const ROUTED: Fields = ETH_DST | VLAN | IP_DST | TTL | SOUND_IPV4;

/** What simulations have seen; the first four are the usual: bridged, routed, by source too, hashed over the whole tuple. */
const SIGHTS: readonly Fields[] = [
  BRIDGED,
  ROUTED,
  ROUTED | IP_SRC,
  ROUTED | IP_SRC | L4_SRC | L4_DST,
  ...Array.from({ length: 16 }, (_, n) => ROUTED | IP_PROTO | optional(n)),
];

function optional(choice: number): Fields {
  return [TOS, TCP_FLAGS, IP_SRC, L4_DST].reduce((seen, field, n) => (choice & (1 << n) ? seen | field : seen), 0);
}

const PRESENT =
  IN_PORT |
  ETH_DST |
  ETH_SRC |
  ETHER_TYPE |
  FRAGMENT |
  SOUND_IPV4 |
  IP_PROTO |
  IP_SRC |
  IP_DST |
  TTL |
  TOS |
  L4_SRC |
  L4_DST |
  TCP_FLAGS;

const PORTS = 100;
const TCP = 6;

/** Writes the key of a packet of the n-th flow: an Ethernet frame with TCP over IPv4. */
function writeKey(n: number, keys: Uint32Array, at: number): void {
  keys.fill(0, at, at + KEY_WORDS);
  keys[at + WORD.inPort] = 1 + (n % PORTS);
  keys[at + WORD.present] = PRESENT;
  keys[at + WORD.tunnelTosTtlEtherType] = 0x0800;
  keys[at + WORD.ethDstHigh] = 0x0200_0000;
  keys[at + WORD.ethDstLowEthSrcHigh] = 0x0001_0200;
  keys[at + WORD.ethSrcLow] = n;
  keys[at + WORD.vlansProtoTtlTos] = (TCP << 16) | (64 << 8);
  keys[at + WORD.ipSrc] = 0x0a00_0000 + (n % 65_521);
  keys[at + WORD.ipDst] = 0x0b00_0000 + n;
  keys[at + WORD.l4] = ((1024 + (n % 50_021)) << 16) | 80;
  keys[at + WORD.fragmentSoundFlags] = (1 << 16) | 0x10;
}

/** Keys of these flows, one behind the other. */
export function keysOf(flows: readonly number[]): Uint32Array {
  const keys = new Uint32Array(flows.length * KEY_WORDS);
  for (const [place, flow] of flows.entries()) writeKey(flow, keys, place * KEY_WORDS);
  return keys;
}

/**
 * The 26 facts of a way by port, bridge, port, router, port, bridge, port. Those of devices, ports and routes recur; the sending
 * station (twice: where it is, and that it is learned), the destination and its ARP entry are each flow's own.
 */
export function tagsOfSevenHops(n: number): readonly Tag[] {
  const facts = new TagList();
  const [inPort, outPort] = [1 + (n % PORTS), 1 + ((n * 7) % PORTS)];
  const [left, right] = [deviceIdOf(200 + (inPort % 10)), deviceIdOf(200 + (outPort % 10))];
  const [down, up] = [portIdOf(300 + (inPort % 10)), portIdOf(300 + (outPort % 10))];
  const router = deviceIdOf(400);
  const station = macOf(0x0200, n);
  const destination = ipv4Of(0x0b00_0000 + n);
  facts.dpPort(portIdOf(inPort));
  facts.device(portIdOf(inPort));
  facts.portRx(portIdOf(inPort));
  facts.device(left);
  facts.vlanPort(left, station, 0, portIdOf(inPort));
  facts.learned(left, station, 0, portIdOf(inPort));
  facts.bridgePort(left, down);
  facts.device(down);
  facts.portTx(down);
  facts.device(portIdOf(down + 50));
  facts.portRx(portIdOf(down + 50));
  facts.device(router);
  facts.route(router, 500 + (outPort % 10));
  facts.destIp(router, destination);
  facts.arpEntry(router, destination);
  facts.device(portIdOf(up + 50));
  facts.portTx(portIdOf(up + 50));
  facts.device(up);
  facts.portRx(up);
  facts.device(right);
  facts.vlanPort(right, macOf(0x0201, outPort), 0, portIdOf(outPort));
  facts.broadcast(right);
  facts.bridgePort(right, up);
  facts.device(portIdOf(outPort));
  facts.portTx(portIdOf(outPort));
  facts.dpPort(portIdOf(outPort));
  return facts.tags;
}

/** As many facts, none of which more than about sixty-four flows rest on: nothing to be shared. */
export function tagsOfNobodyElse(n: number): readonly Tag[] {
  const facts = new TagList();
  for (let k = 0; k < 26; k++) facts.route(deviceIdOf(k), Math.imul(n, 0x9e37_79b1 + 2 * k) >>> 18);
  return facts.tags;
}

/** What the benchmarks' clock says while they look up: before any flow expires. */
export const NOON = millisOf(1000);

/** A table of flows 0 to `count` - 1 over so many masks (at most 20). */
export function tableOf(
  count: number,
  masks: number,
  tagsOf: (n: number) => readonly Tag[] = tagsOfSevenHops,
): FlowTable<BenchActions> {
  const table = new FlowTable<BenchActions>({ capacity: count, actions: ACTIONS });
  const key = new Uint32Array(KEY_WORDS);
  for (let n = 0; n < count; n++) {
    writeKey(n, key, 0);
    const [inPort, outPort] = [1 + (n % PORTS), 1 + ((n * 7) % PORTS)];
    const insertion = table.insert(
      {
        key,
        seen: SIGHTS[n % masks] ?? BRIDGED,
        actions: { egress: outPort, nextHop: outPort % 10 },
        tags: tagsOf(n),
        path: [
          inPort,
          0,
          200 + (inPort % 10),
          0,
          300,
          0,
          400,
          500 + (outPort % 10),
          301,
          0,
          200 + (outPort % 10),
          0,
          outPort,
          0,
        ],
        lifetime: 'normal',
        mtu: 1500,
        epoch: table.beginSimulation(),
      },
      millisOf(0),
    );
    if (insertion.kind !== 'installed') throw new Error(`flow ${n}: ${insertion.kind}`);
  }
  return table;
}

/** `count` numbers below `bound`, spread evenly and without pattern, the same each run. */
export function scattered(count: number, bound: number): readonly number[] {
  let state = 1;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  });
}
