import { IPV4_HEADER, LARGEST_IPV4 } from '../../simulation/packet/ipv4-header.ts';
import { ICMP_HEADER, TCP_HEADER, UDP_HEADER } from '../../simulation/packet/protocols.ts';
import { didYouMean } from '../../topology/file/did-you-mean.ts';

/** What a packet expression may begin with. */
export const PACKET_KINDS = ['tcp', 'udp', 'icmp', 'arp', 'ip', 'eth'] as const;
export type PacketKind = (typeof PACKET_KINDS)[number];

const IP_KINDS: readonly PacketKind[] = ['tcp', 'udp', 'icmp', 'ip'];

/** How a value is written, a number up to what a kind of packet can have; `none`: the option is a word of its own. */
type ValueForm =
  | { readonly form: 'number'; readonly most: ReadonlyMap<PacketKind, number> }
  | { readonly form: 'mac' | 'octets' | 'flags' | 'checksum' | 'fragment' | 'vlan' | 'none' };

export interface OptionRule {
  readonly kinds: readonly PacketKind[];
  readonly value: ValueForm;
  /** May be said more than once. */
  readonly repeats?: boolean;
}

const numberOf = (...mosts: readonly (readonly [PacketKind, number])[]): OptionRule => ({
  kinds: mosts.map(([kind]) => kind),
  value: { form: 'number', most: new Map(mosts) },
});

const number = (most: number, ...kinds: readonly PacketKind[]): OptionRule =>
  numberOf(...kinds.map((kind) => [kind, most] as const));

/** What is left for a payload behind headers without options. */
const LARGEST_PAYLOAD = LARGEST_IPV4 - IPV4_HEADER;

/** Every option of the language: what it is for, and what values it takes. */
export const OPTIONS: ReadonlyMap<string, OptionRule> = new Map<string, OptionRule>([
  ['eth.src', { kinds: [...IP_KINDS, 'arp'], value: { form: 'mac' } }],
  ['eth.dst', { kinds: [...IP_KINDS, 'arp'], value: { form: 'mac' } }],
  ['vlan', { kinds: PACKET_KINDS, value: { form: 'vlan' }, repeats: true }],
  ['ttl', number(0xff, ...IP_KINDS)],
  ['tos', number(0xff, ...IP_KINDS)],
  ['id', number(0xffff, ...IP_KINDS)],
  ['ip.id', number(0xffff, ...IP_KINDS)],
  ['df', { kinds: IP_KINDS, value: { form: 'none' } }],
  ['frag', { kinds: IP_KINDS, value: { form: 'fragment' } }],
  ['ip.checksum', { kinds: IP_KINDS, value: { form: 'checksum' } }],
  ['checksum', { kinds: IP_KINDS, value: { form: 'checksum' } }],
  [
    'len',
    numberOf(
      ['tcp', LARGEST_PAYLOAD - TCP_HEADER],
      ['udp', LARGEST_PAYLOAD - UDP_HEADER],
      ['icmp', LARGEST_PAYLOAD - ICMP_HEADER],
      ['ip', LARGEST_PAYLOAD],
      ['eth', 0xffff],
    ),
  ],
  ['payload', { kinds: [...IP_KINDS, 'eth'], value: { form: 'octets' } }],
  ['flags', { kinds: ['tcp'], value: { form: 'flags' } }],
  ['seq', numberOf(['tcp', 0xffff_ffff], ['icmp', 0xffff])],
  ['ack', number(0xffff_ffff, 'tcp')],
  ['win', number(0xffff, 'tcp')],
  ['mss', number(0xffff, 'tcp')],
  ['type', numberOf(['icmp', 0xff], ['eth', 0xffff])],
  ['code', number(0xff, 'icmp')],
  ['mtu', number(0xffff, 'icmp')],
  ['proto', number(0xff, 'ip')],
]);

/** TCP's flags from the lowest bit up (RFC 9293, section 3.1): the letter is tcpdump's. */
const TCP_FLAG_NAMES = [
  ['fin', 'F'],
  ['syn', 'S'],
  ['rst', 'R'],
  ['psh', 'P'],
  ['ack', '.'],
  ['urg', 'U'],
  ['ece', 'E'],
  ['cwr', 'W'],
] as const;

/**
 * A set of TCP flags: names joined by commas, or letters in a row.
 * @returns undefined if a name or letter is not one of TCP's
 */
export function parseTcpFlags(text: string): number | undefined {
  if (text === 'none') return 0;
  const names = text.toLowerCase().split(',');
  const byName = names.map((name) => TCP_FLAG_NAMES.findIndex(([known]) => known === name));
  if (!byName.includes(-1)) return byName.reduce((flags, bit) => flags | (1 << bit), 0);
  let flags = 0;
  for (const letter of text.toUpperCase()) {
    const bit = TCP_FLAG_NAMES.findIndex(([, known]) => known === (letter === 'A' ? '.' : letter));
    if (bit < 0) return undefined;
    flags |= 1 << bit;
  }
  return text === '' ? undefined : flags;
}

/** The options of a kind of packet, for messages. */
export function optionsOf(kind: PacketKind): readonly string[] {
  return [...OPTIONS].filter(([, rule]) => rule.kinds.includes(kind)).map(([name]) => name);
}

/** The option that somebody who wrote `name` meant. */
export function meantOption(name: string, kind: PacketKind): string | undefined {
  return didYouMean(name, optionsOf(kind));
}
