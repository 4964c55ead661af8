import { formatIpv4, formatIpv4Prefix, parseIpv4, parseIpv4Prefix, type Ipv4, type Ipv4Prefix } from './ipv4.ts';
import { formatIpv6Prefix, parseIpv6, parseIpv6Prefix, type Ipv6, type Ipv6Prefix } from './ipv6.ts';

/** An address of either family: IPv4's are numbers, IPv6's are texts. */
export type Ip = Ipv4 | Ipv6;

/** A prefix of either family. */
export type IpPrefix = Ipv4Prefix | Ipv6Prefix;

/** Reads an address of either family; undefined if the text is none. */
export function parseIp(text: string): Ip | undefined {
  return parseIpv4(text) ?? parseIpv6(text);
}

export function formatIp(address: Ip): string {
  return typeof address === 'number' ? formatIpv4(address) : address;
}

/** Reads a prefix of either family; undefined if the text is none, or has host bits set. */
export function parseIpPrefix(text: string): IpPrefix | undefined {
  return parseIpv4Prefix(text) ?? parseIpv6Prefix(text);
}

export function formatIpPrefix(prefix: IpPrefix): string {
  return isIpv4Prefix(prefix) ? formatIpv4Prefix(prefix) : formatIpv6Prefix(prefix);
}

function isIpv4Prefix(prefix: IpPrefix): prefix is Ipv4Prefix {
  return typeof prefix.address === 'number';
}
