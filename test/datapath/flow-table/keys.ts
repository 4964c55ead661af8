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
  NO_FRAGMENT,
  SOUND_IPV4,
  TCP_FLAGS,
  TOS,
  TTL,
  VLAN,
  type Fields,
} from '../../../simulation/packet/fields.ts';
import { KEY_WORDS, WORD } from '../../../simulation/packet/key-layout.ts';
import type { Tag } from '../../../simulation/tag.ts';
import { LIFETIMES, type ActionsCodec, type Lifetime, type NewFlow } from '../../../datapath/flow-table/flow.ts';
import { FlowTable, type FlowTableOptions } from '../../../datapath/flow-table/flow-table.ts';

export const IPV4 = 0x0800;
export const IPV6 = 0x86dd;

/** What a test says of a packet; what it does not say is zero or absent. */
export interface KeyParts {
  readonly inPort?: number;
  readonly ethDst?: number;
  readonly ethSrc?: number;
  /** TPID << 16 | TCI of the outermost tag. */
  readonly vlan?: number;
  readonly vlanCount?: number;
  readonly etherType?: number;
  readonly proto?: number;
  readonly ttl?: number;
  readonly ipSrc?: number;
  readonly ipDst?: number;
  /** Words of an IPv6 destination above the lowest, which is `ipDst`. */
  readonly ipDstHigh?: number;
  readonly l4Src?: number;
  readonly l4Dst?: number;
  readonly tcpFlags?: number;
}

/** A key as extraction fills it: presence of what was said, IPv4 in the first word of an address, the others zero. */
export function keyOf(parts: KeyParts): Uint32Array {
  const key = new Uint32Array(KEY_WORDS);
  const isV6 = parts.etherType === IPV6;
  const dst = parts.ethDst ?? 0;
  const src = parts.ethSrc ?? 0;
  key[WORD.inPort] = parts.inPort ?? 1;
  key[WORD.tunnelTosTtlEtherType] = parts.etherType ?? 0;
  key[WORD.ethDstHigh] = dst >>> 16;
  key[WORD.ethDstLowEthSrcHigh] = (dst << 16) >>> 0;
  key[WORD.ethSrcLow] = src;
  key[WORD.vlanOuter] = parts.vlan ?? 0;
  const vlans = parts.vlanCount ?? (parts.vlan === undefined ? 0 : 1);
  key[WORD.vlansProtoTtlTos] = (vlans << 24) | ((parts.proto ?? 0) << 16) | ((parts.ttl ?? 0) << 8);
  key[WORD.ipSrc + (isV6 ? 3 : 0)] = parts.ipSrc ?? 0;
  key[WORD.ipDst + (isV6 ? 3 : 0)] = parts.ipDst ?? 0;
  if (isV6) key[WORD.ipDst] = parts.ipDstHigh ?? 0;
  key[WORD.l4] = ((parts.l4Src ?? 0) << 16) | (parts.l4Dst ?? 0);
  key[WORD.fragmentSoundFlags] =
    (NO_FRAGMENT << 24) | ((parts.etherType === IPV4 ? 1 : 0) << 16) | (parts.tcpFlags ?? 0);
  key[WORD.present] = presenceOf(parts);
  return key;
}

function presenceOf(parts: KeyParts): Fields {
  let present = IN_PORT | ETH_DST | ETH_SRC;
  if (parts.vlan !== undefined) present |= VLAN;
  if (parts.etherType !== undefined) present |= ETHER_TYPE;
  if (parts.etherType === IPV4) present |= SOUND_IPV4;
  if (parts.etherType === IPV4 || parts.etherType === IPV6)
    present |= FRAGMENT | IP_PROTO | IP_SRC | IP_DST | TTL | TOS;
  if (parts.l4Src !== undefined) present |= L4_SRC;
  if (parts.l4Dst !== undefined) present |= L4_DST;
  if (parts.tcpFlags !== undefined) present |= TCP_FLAGS;
  return present;
}

/** Actions of a test: they say who they are. */
export type Names = readonly string[];

export const NAMES: ActionsCodec<Names> = {
  encode: (names) => [names.length, ...names.flatMap((name) => [name.length, ...Buffer.from(name)])],
  decode: (words, at) => {
    let next = at + 1;
    return Array.from({ length: words[at] ?? 0 }, () => {
      const start = next + 1;
      next = start + (words[next] ?? 0);
      return String.fromCharCode(...words.slice(start, next));
    });
  },
};

export function tableOf(options: Partial<FlowTableOptions<Names>> = {}): FlowTable<Names> {
  return new FlowTable({ capacity: 100, actions: NAMES, ...options });
}

export const tag = (n: number): Tag => n as Tag;

/** A flow with everything that a test does not care about filled in. */
export function flowOf(
  table: FlowTable<Names>,
  parts: Omit<Partial<NewFlow<Names>>, 'key'> & { readonly key?: Uint32Array | KeyParts } = {},
): NewFlow<Names> {
  const { key = {}, ...rest } = parts;
  return {
    seen: ETH_DST,
    actions: ['out'],
    tags: [],
    path: [],
    lifetime: 'normal',
    mtu: Infinity,
    epoch: table.beginSimulation(),
    ...rest,
    key: key instanceof Uint32Array ? key : keyOf(key),
  };
}

export const ALL_LIFETIMES: readonly Lifetime[] = LIFETIMES;
