import { BROADCAST_IPV4, broadcastOf } from '../../topology/model/ipv4.ts';
import { isGroup } from '../../topology/model/mac.ts';
import { changeOf, updateChecksumAt } from '../packet/checksum.ts';
import { ETHERTYPE_IPV4 } from '../packet/ethernet.ts';
import { IP_PROTO, L4_SRC, LATER_FRAGMENT } from '../packet/fields.ts';
import { WORD } from '../packet/key-layout.ts';
import {
  DESTINATION_UNREACHABLE,
  icmpError,
  isErrorType,
  LARGEST_QUOTE,
  stampIdentification,
  TIME_EXCEEDED,
  type ErrorKind,
} from '../packet/icmp.ts';
import { u16 } from '../packet/octets.ts';
import type { Packet } from '../packet/packet.ts';
import { ICMP } from '../packet/protocols.ts';
import { isMulticast, isNoSource } from './martians.ts';
import type { Router, RouterPort } from './router.ts';

export const NET_UNREACHABLE: ErrorKind = { type: DESTINATION_UNREACHABLE, code: 0, rest: 0 };
export const HOST_UNREACHABLE: ErrorKind = { type: DESTINATION_UNREACHABLE, code: 1, rest: 0 };
export const PROHIBITED: ErrorKind = { type: DESTINATION_UNREACHABLE, code: 13, rest: 0 };
export const TTL_EXCEEDED: ErrorKind = { type: TIME_EXCEEDED, code: 0, rest: 0 };

/** Fragmentation needed and DF set, with what the next link takes (RFC 1191, section 4). */
export function fragmentationNeeded(mtu: number): ErrorKind {
  return { type: DESTINATION_UNREACHABLE, code: 4, rest: Math.min(mtu, 0xffff) };
}

/**
 * Answers a packet with an ICMP error, out of the port that it came in by, unless it is one that is never answered.
 *
 * A packet so answered leaves no flow: each further one is answered too, as far as the port's bucket goes (C12). One that is not answered has
 * shown why in what was seen of it, and its drop may stand for others.
 *
 * @param ingress where it entered the router
 * @param packet as it came in: nothing written by this router yet
 * @see spec 30 §3, C12 to C15; RFC 1812, section 4.3.2; RFC 1122, section 3.2.2
 */
export function answerWith(error: ErrorKind, router: Router, ingress: RouterPort, packet: Packet): void {
  if (sendError(error, router, ingress, packet)) packet.keepFlowless();
}

/** {@link answerWith}, but a flow may stand for the packet: C17's, while a neighbour is taken for unreachable. */
export function sendError(error: ErrorKind, router: Router, ingress: RouterPort, packet: Packet): boolean {
  const { address, mac, id } = ingress;
  if (address === undefined || !mayBeAnswered(ingress, packet)) return false;
  const { key } = packet;
  const ends = { ethSrc: mac, ethDst: key.ethSrc, ipSrc: address, ipDst: key.ipSrc };
  const bytes = icmpError(ends, error, quoteOf(packet));
  const state = router.tables.portState(id);
  packet.generate({
    cause: 'icmp-error',
    bytes,
    egress: id,
    limiter: state.errors,
    finish: () => stampIdentification(bytes, state.nextIdentification()),
  });
  return true;
}

/** Whether a packet may have an answer at all: spec 30 §3 ("never sent when"), C13. */
function mayBeAnswered({ prefix }: RouterPort, { key }: Packet): boolean {
  if (key.etherType !== ETHERTYPE_IPV4 || !key.isSoundIpv4 || isGroup(key.ethDst) || isGroup(key.ethSrc)) return false;
  if (isNoSource(key.ipSrc)) return false;
  const destination = key.ipDst;
  if (destination === BROADCAST_IPV4 || isMulticast(destination)) return false;
  if (prefix !== undefined && destination === broadcastOf(prefix)) return false;
  if (key.fragment === LATER_FRAGMENT) return false;
  if (!key.has(IP_PROTO) || key.ipProto !== ICMP) return true;
  // One cut before its type might be an error.
  return key.has(L4_SRC) && !isErrorType(key.l4Src);
}

/** The start of the datagram as it came to this router: the frame's own bytes, with the TTL that routers before have left. */
function quoteOf({ frame, key }: Packet): Uint8Array {
  const { l3, end } = frame.layers;
  const quote = frame.bytes.slice(l3, Math.min(end, l3 + LARGEST_QUOTE));
  const before = u16(quote, 8);
  quote[8] = ((key.words[WORD.vlansProtoTtlTos] ?? 0) >>> 8) & 0xff;
  updateChecksumAt(quote, 10, changeOf(before, u16(quote, 8)));
  return quote;
}
