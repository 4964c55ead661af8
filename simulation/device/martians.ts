import { BROADCAST_IPV4, type Ipv4 } from '../../topology/model/ipv4.ts';
import type { Frame } from '../packet/frame.ts';
import { IPV4_HEADER, LSRR, nextOption, SSRR } from '../packet/ipv4-header.ts';
import { u8 } from '../packet/octets.ts';
import type { Packet } from '../packet/packet.ts';
import { drop, type Verdict } from '../verdict.ts';

const BAD_IP_HEADER = drop('bad-ip-header');
const SOURCE_ROUTE = drop('source-route');
const MARTIAN_SOURCE = drop('martian-source');
const MARTIAN_DESTINATION = drop('martian-destination');
const LIMITED_BROADCAST = drop('limited-broadcast');
const MULTICAST_DESTINATION = drop('multicast-destination');

/**
 * Why a router does not touch an IPv4 packet; undefined when it does.
 *
 * Sees whether the header is sound, and both addresses of one that is. What exactly is wrong with a header is not in the key, and the drop
 * has its name from there: no flow.
 *
 * @see spec C10, C39; RFC 1812, sections 5.2.2 and 5.3.7; RFC 7126, section 4.3 (source route)
 */
export function faultOf(packet: Packet): Verdict | undefined {
  const { key } = packet;
  if (!key.isSoundIpv4) {
    packet.seeBeyondKey();
    return hasSourceRoute(packet.frame) ? SOURCE_ROUTE : BAD_IP_HEADER;
  }
  if (isNoSource(key.ipSrc)) return MARTIAN_SOURCE;
  return faultOfDestination(key.ipDst);
}

/** Whether no packet may come from the address, nor any answer go there: 0/8, 127/8, 224/4, 240/4. */
export function isNoSource(address: Ipv4): boolean {
  const first = address >>> 24;
  return first === 0 || first === 127 || first >= 224;
}

export function isMulticast(address: Ipv4): boolean {
  return address >>> 28 === 0xe;
}

function faultOfDestination(address: Ipv4): Verdict | undefined {
  if (address === BROADCAST_IPV4) return LIMITED_BROADCAST;
  if (isMulticast(address)) return MULTICAST_DESTINATION;
  return isNoSource(address) ? MARTIAN_DESTINATION : undefined;
}

function hasSourceRoute({ bytes, layers }: Frame): boolean {
  const { l3 } = layers;
  if (l3 < 0) return false;
  const end = l3 + (u8(bytes, l3) & 0xf) * 4;
  for (let at = l3 + IPV4_HEADER; at >= 0 && at < Math.min(end, bytes.length); at = nextOption(bytes, at, end)) {
    const type = u8(bytes, at);
    if (type === LSRR || type === SSRR) return true;
  }
  return false;
}
