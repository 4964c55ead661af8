import type { Brand } from './brand.ts';

/** An IPv4 address as an unsigned 32-bit integer, first octet most significant. */
export type Ipv4 = Brand<number, 'Ipv4'>;

/** An IPv4 prefix: `address` has no bit set beyond `length`. */
export interface Ipv4Prefix {
  readonly address: Ipv4;
  readonly length: number;
}

/** The address with these 32 bits, signed or not. */
export function ipv4Of(bits: number): Ipv4 {
  return (bits >>> 0) as Ipv4;
}

export const ANY_IPV4 = ipv4Of(0);
export const BROADCAST_IPV4 = ipv4Of(0xffff_ffff);

const OCTETS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Reads `10.0.0.1`; undefined if the text is anything else, leading zeros included (they are octal to some readers). */
export function parseIpv4(text: string): Ipv4 | undefined {
  const octets = OCTETS.exec(text);
  if (octets === null) return undefined;
  let bits = 0;
  for (const octet of octets.slice(1)) {
    const value = Number(octet);
    if (value > 255 || (octet.length > 1 && octet.startsWith('0'))) return undefined;
    bits = bits * 256 + value;
  }
  return bits as Ipv4;
}

export function formatIpv4(address: Ipv4): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** The first `length` bits set, as an unsigned integer. */
export function netmaskOf(length: number): Ipv4 {
  return ipv4Of(length === 0 ? 0 : -1 << (32 - length));
}

/** The prefix of `length` bits that holds `address`: its host bits are cleared. */
export function prefixOf(address: Ipv4, length: number): Ipv4Prefix {
  return { address: ipv4Of(address & netmaskOf(length)), length };
}

/** Reads `10.0.0.0/8`; undefined if the text is anything else, or has host bits set. */
export function parseIpv4Prefix(text: string): Ipv4Prefix | undefined {
  const [head = '', tail = '', ...rest] = text.split('/');
  const address = parseIpv4(head);
  if (address === undefined || rest.length > 0 || !/^(\d|[12]\d|3[0-2])$/.test(tail)) return undefined;
  const prefix = prefixOf(address, Number(tail));
  return prefix.address === address ? prefix : undefined;
}

export function formatIpv4Prefix({ address, length }: Ipv4Prefix): string {
  return `${formatIpv4(address)}/${length}`;
}

export function isInside(address: Ipv4, prefix: Ipv4Prefix): boolean {
  return ((address ^ prefix.address) & netmaskOf(prefix.length)) === 0;
}

/** The directed broadcast address of a prefix (RFC 919, section 7). A /31 or /32 has none: undefined. */
export function broadcastOf(prefix: Ipv4Prefix): Ipv4 | undefined {
  return prefix.length > 30 ? undefined : ipv4Of(prefix.address | ~netmaskOf(prefix.length));
}
