/** Protocol numbers of IPv4, next headers of IPv6 (IANA "Assigned Internet Protocol Numbers"). */
export const HOP_BY_HOP = 0;
export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const ROUTING = 43;
export const IPV6_FRAGMENT = 44;
export const AH = 51;
export const ICMPV6 = 58;
export const DESTINATION_OPTIONS = 60;

/** Octets of the shortest header of a protocol; what of it is cut gives no fields. */
export const TCP_HEADER = 20;
export const UDP_HEADER = 8;
export const ICMP_HEADER = 8;

/** Whether an ICMP message carries a query identifier at its fifth octet (RFC 792, RFC 950; spec C28). */
export function hasIcmpId(type: number): boolean {
  return type === 8 || type === 0 || (type >= 13 && type <= 18);
}

/** Whether an ICMPv6 message carries an identifier: echo (RFC 4443, section 4). */
export function hasIcmpv6Id(type: number): boolean {
  return type === 128 || type === 129;
}
