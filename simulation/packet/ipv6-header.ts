import { u32, u8 } from './octets.ts';
import { AH, DESTINATION_OPTIONS, HOP_BY_HOP, IPV6_FRAGMENT, ROUTING } from './protocols.ts';

/** Octets of the fixed IPv6 header (RFC 8200, section 3). */
export const IPV6_HEADER = 40;

const PAD1 = 0;
const JUMBO_PAYLOAD = 0xc2;

/** Whether a next header is an extension that we can step over. ESP is not: what follows is encrypted. */
export function isIpv6Extension(protocol: number): boolean {
  switch (protocol) {
    case HOP_BY_HOP:
    case ROUTING:
    case IPV6_FRAGMENT:
    case AH:
    case DESTINATION_OPTIONS:
      return true;
    default:
      return false;
  }
}

/** The payload length that a hop-by-hop header at `at` tells of a jumbogram (RFC 2675, section 2); 0 when it tells none. */
export function jumboLength(bytes: Uint8Array, at: number, stop: number): number {
  const end = Math.min(at + (u8(bytes, at + 1) + 1) * 8, stop);
  let option = at + 2;
  while (option + 2 <= end) {
    const type = u8(bytes, option);
    if (type === JUMBO_PAYLOAD && option + 6 <= end) return u32(bytes, option + 2);
    option += type === PAD1 ? 1 : 2 + u8(bytes, option + 1);
  }
  return 0;
}
