import { ACTIONS_CODEC } from '../../datapath/action-words.ts';
import type { FlowActions } from '../../datapath/flow-actions.ts';
import { FlowTable } from '../../datapath/flow-table/flow-table.ts';
import {
  ETH_DST,
  ETH_SRC,
  ETHER_TYPE,
  FRAGMENT,
  IN_PORT,
  IP_DST,
  IP_PROTO,
  IP_SRC,
  L4_DST,
  L4_SRC,
  SOUND_IPV4,
  TCP_FLAGS,
  TOS,
  TTL,
  VLAN,
  type Fields,
} from '../../simulation/packet/fields.ts';
import { KEY_WORDS, WORD } from '../../simulation/packet/key-layout.ts';
import type { Tag } from '../../simulation/tag.ts';
import { millisOf } from '../../topology/model/time.ts';
import { actionsOf, oneNetwork, pathOf, tagsOf, type Way } from './flow-ways.ts';

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

/** What the benchmarks' clock says while they look up: before any flow expires. */
export const NOON = millisOf(1000);

/** The flows of a table: the way of each, and the facts when they are not those of the way. */
export interface Population {
  readonly wayOf: (n: number) => Way;
  readonly tagsOf?: (n: number) => readonly Tag[];
}

/** A table of flows 0 to `count` - 1 over so many masks (at most 20). */
export function tableOf(
  count: number,
  masks: number,
  { wayOf, tagsOf: given }: Population = { wayOf: oneNetwork },
): FlowTable<FlowActions> {
  const table = new FlowTable({ capacity: count, actions: ACTIONS_CODEC });
  const key = new Uint32Array(KEY_WORDS);
  for (let n = 0; n < count; n++) {
    writeKey(n, key, 0);
    const way = wayOf(n);
    const insertion = table.insert(
      {
        key,
        seen: SIGHTS[n % masks] ?? BRIDGED,
        actions: actionsOf(way),
        tags: given?.(n) ?? tagsOf(way),
        path: pathOf(way),
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
