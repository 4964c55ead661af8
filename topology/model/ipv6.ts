import type { Brand } from './brand.ts';
import { parseIpv4 } from './ipv4.ts';

/**
 * An IPv6 address as its canonical text: lower case, the longest run of zero groups shortened (RFC 5952, section 4).
 *
 * Like a number it compares with `===`, keys a `Map` and survives JSON; 128 bits are more than a number has.
 */
export type Ipv6 = Brand<string, 'Ipv6'>;

/** An IPv6 prefix: `address` has no bit set beyond `length`. */
export interface Ipv6Prefix {
  readonly address: Ipv6;
  readonly length: number;
}

/** The address with these four words of 32 bits, signed or not, most significant first. */
export function formatIpv6(words: ArrayLike<number>): Ipv6 {
  const groups = Array.from({ length: 8 }, (_, n) => ((words[n >> 1] ?? 0) >>> (n % 2 === 0 ? 16 : 0)) & 0xffff);
  let best = { from: 0, length: 1 };
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (from + length < 8 && groups[from + length] === 0) length += 1;
    if (length > best.length) best = { from, length };
  }
  const text = groups.map((group) => group.toString(16));
  if (best.length === 1) return text.join(':') as Ipv6;
  return `${text.slice(0, best.from).join(':')}::${text.slice(best.from + best.length).join(':')}` as Ipv6;
}

/**
 * Reads any text of an address (RFC 4291, section 2.2): groups, `::` for one or more zero groups, the last two groups as an IPv4
 * address. Undefined if the text is anything else, an address with a zone (RFC 4007) or a prefix included.
 */
export function parseIpv6(text: string): Ipv6 | undefined {
  const words = wordsOf(text);
  return words && formatIpv6(words);
}

/** The 16 octets of an address, in network byte order. */
export function ipv6Octets(address: Ipv6): Uint8Array {
  return Uint8Array.from((wordsOf(address) ?? []).flatMap((word) => [word >>> 24, word >>> 16, word >>> 8, word]));
}

/** Reads `2001:db8::/32`; undefined if the text is anything else, or has host bits set. */
export function parseIpv6Prefix(text: string): Ipv6Prefix | undefined {
  const [head = '', tail = '', ...rest] = text.split('/');
  const words = wordsOf(head);
  if (words === undefined || rest.length > 0 || !/^(\d|[1-9]\d|1[01]\d|12[0-8])$/.test(tail)) return undefined;
  const length = Number(tail);
  const hasHostBits = words.some((word, n) => (word & ~maskOf(length - n * 32)) !== 0);
  return hasHostBits ? undefined : { address: formatIpv6(words), length };
}

export function formatIpv6Prefix({ address, length }: Ipv6Prefix): string {
  return `${address}/${length}`;
}

/** The first `length` bits of a word set: none where it is negative, all from 32 on. */
function maskOf(length: number): number {
  if (length <= 0) return 0;
  return length >= 32 ? -1 : -1 << (32 - length);
}

function wordsOf(text: string): readonly number[] | undefined {
  const [head = '', tail, ...rest] = text.split('::');
  if (rest.length > 0) return undefined;
  const before = groupsOf(head, tail === undefined);
  const after = tail === undefined ? [] : groupsOf(tail, true);
  if (before === undefined || after === undefined) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => 0), ...after];
  return [0, 2, 4, 6].map((n) => ((groups[n] ?? 0) << 16) | (groups[n + 1] ?? 0));
}

/** The groups of one side of `::`; the last part may be an IPv4 address where the text ends with it. */
function groupsOf(text: string, isLast: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [n, part] of parts.entries()) {
    const ipv4 = isLast && n === parts.length - 1 ? parseIpv4(part) : undefined;
    if (ipv4 !== undefined) groups.push(ipv4 >>> 16, ipv4 & 0xffff);
    else if (/^[\da-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}
