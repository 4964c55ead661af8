/**
 * A set of header fields: one bit for each. A field carries the bits of the fields that give it meaning (no ports without a
 * protocol, no address of a fragment that may not be one: spec 60 §2.2).
 */
export type Fields = number;

export const IN_PORT = 1 << 0;
/** Tunnel key, source, destination, TOS and TTL together: underlay flows rest on all of them (spec 60 §6.3). */
export const TUNNEL = 1 << 1;
export const ETH_DST = 1 << 2;
export const ETH_SRC = 1 << 3;
export const ETHER_TYPE = 1 << 4;
/** The number of tags and the outer two, whole (C37). */
export const VLAN = 1 << 5;
/** Whether the packet is a fragment, and the first or a later one: {@link FragmentKind}. */
export const FRAGMENT = (1 << 6) | ETHER_TYPE;
/** One bit of value: the IPv4 header is sound as spec C10 says and carries no source route (C39). */
export const SOUND_IPV4 = (1 << 7) | ETHER_TYPE;
/** The protocol, next header after extensions, or ARP's opcode. */
export const IP_PROTO = (1 << 8) | FRAGMENT;
/** The source address of either family, or ARP's sender protocol address. */
export const IP_SRC = (1 << 9) | FRAGMENT;
/** The destination address of either family, or ARP's target protocol address. */
export const IP_DST = (1 << 10) | FRAGMENT;
export const TTL = (1 << 11) | FRAGMENT;
/** TOS of IPv4, traffic class of IPv6: DSCP and ECN. */
export const TOS = (1 << 12) | FRAGMENT;
/** Source port; the type of ICMP. */
export const L4_SRC = (1 << 13) | IP_PROTO;
/** Destination port; the code of ICMP. */
export const L4_DST = (1 << 14) | IP_PROTO;
export const TCP_FLAGS = (1 << 15) | IP_PROTO;
/** ICMP's query identifier. Once seen, no flow (spec 60 §1). */
export const ICMP_ID = (1 << 16) | IP_PROTO;
/** Anything of the packet that is not in the key: ARP's hardware addresses, ICMP data. Once seen, no flow. */
export const BEYOND_KEY = 1 << 17;

/** Fields that no flow can rest on: once seen, the packet's verdict is not kept (spec 60 §1, "userspace-only"). */
export const UNKEYED: Fields = (1 << 16) | BEYOND_KEY;

/** Values of {@link FRAGMENT}. */
export const NO_FRAGMENT = 0;
export const FIRST_FRAGMENT = 1;
export const LATER_FRAGMENT = 2;
