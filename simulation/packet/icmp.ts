import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { Mac } from '../../topology/model/mac.ts';
import { putMac } from './arp.ts';
import { checksumOf } from './checksum.ts';
import { ETHERNET_HEADER, ETHERTYPE_IPV4 } from './ethernet.ts';
import { IPV4_HEADER, signIpv4Header, writeIpv4Header } from './ipv4-header.ts';
import { put16, put32 } from './octets.ts';
import { ICMP, ICMP_HEADER } from './protocols.ts';

/** Types of ICMP messages (RFC 792). */
const ECHO_REPLY = 0;
export const DESTINATION_UNREACHABLE = 3;
export const ECHO_REQUEST = 8;
export const TIME_EXCEEDED = 11;

/** The largest IP packet that carries an error: what every host takes (RFC 1812, section 4.3.2.3; spec C14). */
const LARGEST_ERROR = 576;
/** Octets of the offending datagram that fit into an error. */
export const LARGEST_QUOTE = LARGEST_ERROR - IPV4_HEADER - ICMP_HEADER;

/** Internetwork control (RFC 1812, section 4.3.2.5). */
const ERROR_TOS = 0xc0;
const HOPS = 64;

/** Where a packet of a router's own making comes from and goes to. */
export interface Ends {
  readonly ethSrc: Mac;
  readonly ethDst: Mac;
  readonly ipSrc: Ipv4;
  readonly ipDst: Ipv4;
}

/** What an error says. */
export interface ErrorKind {
  readonly type: number;
  readonly code: number;
  /** The second word: the next hop's MTU of 3/4 (RFC 1191, section 4), else zero. */
  readonly rest: number;
}

/** Whether a type is one of an error message, about which no error is sent (RFC 1122, section 3.2.2). */
export function isErrorType(type: number): boolean {
  // Unreachable, source quench, redirect, time exceeded, parameter problem.
  return type === 3 || type === 4 || type === 5 || type === 11 || type === 12;
}

/**
 * A frame with an ICMP error, its identification still zero: see {@link stampIdentification}.
 *
 * @param quote the offending datagram, from its IP header on; what does not fit is cut
 * @see RFC 792; RFC 1812, section 4.3.2; spec C14
 */
export function icmpError(ends: Ends, { type, code, rest }: ErrorKind, quote: Uint8Array): Uint8Array {
  const quoted = quote.subarray(0, LARGEST_QUOTE);
  const bytes = ipv4Frame(ends, ERROR_TOS, ICMP_HEADER + quoted.length);
  const at = ETHERNET_HEADER + IPV4_HEADER;
  bytes[at] = type;
  bytes[at + 1] = code;
  put32(bytes, at + 4, rest);
  bytes.set(quoted, at + ICMP_HEADER);
  put16(bytes, at + 2, checksumOf(bytes, at, bytes.length));
  return bytes;
}

/**
 * A frame with the answer to an echo request, as long as the request, its identification still zero: see {@link stampIdentification}.
 * The IP packet may be larger than a link takes.
 *
 * @param tos the request's: RFC 1812, section 4.3.2.5
 * @param request the whole ICMP message, header included: at least 8 octets
 * @see RFC 792; RFC 1122, section 3.2.2.6
 */
export function echoReply(ends: Ends, tos: number, request: Uint8Array): Uint8Array {
  const bytes = ipv4Frame(ends, tos, request.length);
  const at = ETHERNET_HEADER + IPV4_HEADER;
  bytes.set(request, at);
  bytes[at] = ECHO_REPLY;
  bytes[at + 1] = 0;
  put16(bytes, at + 2, 0);
  put16(bytes, at + 2, checksumOf(bytes, at, bytes.length));
  return bytes;
}

/** Gives a frame that {@link icmpError} or {@link echoReply} made its identification, and its header the checksum to it. */
export function stampIdentification(bytes: Uint8Array, identification: number): void {
  put16(bytes, ETHERNET_HEADER + 4, identification);
  signIpv4Header(bytes, ETHERNET_HEADER, IPV4_HEADER);
}

/** A frame with room for an ICMP message of `length` octets; DF clear. */
function ipv4Frame({ ethSrc, ethDst, ipSrc, ipDst }: Ends, tos: number, length: number): Uint8Array {
  const at = ETHERNET_HEADER;
  const bytes = new Uint8Array(at + IPV4_HEADER + length);
  putMac(bytes, 0, ethDst);
  putMac(bytes, 6, ethSrc);
  put16(bytes, 12, ETHERTYPE_IPV4);
  writeIpv4Header(bytes, at, {
    tos,
    totalLength: IPV4_HEADER + length,
    identification: 0,
    dontFragment: false,
    ttl: HOPS,
    protocol: ICMP,
    src: ipSrc,
    dst: ipDst,
  });
  return bytes;
}
