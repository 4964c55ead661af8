import { didYouMean } from '../../topology/file/did-you-mean.ts';

/** What a packet expression may begin with. */
export const PACKET_KINDS = ['tcp', 'udp', 'icmp', 'arp', 'ip', 'eth'] as const;
export type PacketKind = (typeof PACKET_KINDS)[number];

const IP_KINDS: readonly PacketKind[] = ['tcp', 'udp', 'icmp', 'ip'];

/** How the value of an option is written; `none`: the option is a word of its own. */
type ValueForm =
  | { readonly form: 'number'; readonly most: number }
  | { readonly form: 'mac' | 'octets' | 'flags' | 'checksum' | 'fragment' | 'vlan' | 'none' };

export interface OptionRule {
  readonly kinds: readonly PacketKind[];
  readonly value: ValueForm;
  /** May be said more than once. */
  readonly repeats?: boolean;
}

const number = (most: number, ...kinds: readonly PacketKind[]): OptionRule => ({
  kinds,
  value: { form: 'number', most },
});

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
  ['len', number(0xffff, ...IP_KINDS, 'eth')],
  ['payload', { kinds: [...IP_KINDS, 'eth'], value: { form: 'octets' } }],
  ['flags', { kinds: ['tcp'], value: { form: 'flags' } }],
  ['seq', number(0xffff_ffff, 'tcp', 'icmp')],
  ['ack', number(0xffff_ffff, 'tcp')],
  ['win', number(0xffff, 'tcp')],
  ['mss', number(0xffff, 'tcp')],
  ['type', number(0xffff, 'icmp', 'eth')],
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
