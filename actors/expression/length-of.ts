import { IPV4_HEADER } from '../../simulation/packet/ipv4-header.ts';
import { ICMP_HEADER, TCP_HEADER, UDP_HEADER } from '../../simulation/packet/protocols.ts';
import type { BodySaid, Ipv4Said } from './packet-expression.ts';

/** The octets of a header of layer 4, with its options. */
export function headerLengthOf(body: BodySaid): number {
  if (body.kind === 'tcp') return TCP_HEADER + (body.mss === undefined ? 0 : 4);
  return { udp: UDP_HEADER, icmp: ICMP_HEADER, other: 0 }[body.kind];
}

/** The octets of an IPv4 packet (RFC 791, section 3.1: total length). */
export function totalLengthOf({ body }: Ipv4Said): number {
  return IPV4_HEADER + headerLengthOf(body) + body.payload.length;
}
