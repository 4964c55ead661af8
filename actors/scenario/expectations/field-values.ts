import { isInside, parseIpv4, parseIpv4Prefix } from '../../../topology/model/ipv4.ts';

/** Stands for whatever value. */
export const ANY = 'any';

const NUMBER = /^(\d+|0x[0-9a-f]+)$/i;
const FLAG_LETTERS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, '.': 16, A: 16, U: 32, E: 64, W: 128 };

/**
 * Whether a field has the value that is expected: the same text but for case, the same number in whatever base, an address in
 * the prefix, TCP flags by tcpdump's letters.
 */
export function fitsValue(field: string, expected: string, found: string): boolean {
  if (expected === ANY || expected === found) return true;
  if (NUMBER.test(expected) && NUMBER.test(found)) return Number(expected) === Number(found);
  if (field === 'tcp.flags') return flagsOf(expected) === Number(found);
  if (expected.includes('/')) {
    const [prefix, address] = [parseIpv4Prefix(expected), parseIpv4(found)];
    return prefix !== undefined && address !== undefined && isInside(address, prefix);
  }
  return expected.toLowerCase() === found.toLowerCase();
}

/** `S`, `SA` or `S.`, `PA`: the flags of TCP; undefined for any other text. */
export function flagsOf(text: string): number | undefined {
  let bits = 0;
  for (const letter of text) {
    const bit = FLAG_LETTERS[letter];
    if (bit === undefined) return undefined;
    bits |= bit;
  }
  return text === '' ? undefined : bits;
}

export function isNumber(text: string): boolean {
  return NUMBER.test(text);
}
