import type { PortId } from '../../topology/model/ids.ts';
import { ETHERTYPE_IPV4 } from '../packet/ethernet.ts';
import { countFragments } from '../packet/fragment.ts';
import type { Frame } from '../packet/frame.ts';
import { DONT_FRAGMENT } from '../packet/ipv4-header.ts';
import { u16 } from '../packet/octets.ts';
import type { Packet } from '../packet/packet.ts';

/** A port as its MTU has it. */
interface Bounded {
  readonly id: PortId;
  readonly name: string;
  /** The largest IP packet, in octets, that leaves by it. */
  readonly mtu: number;
}

/** Why a packet cannot pass: it says itself that it must not be fragmented, or nobody can do it. */
type Obstacle = 'forbidden' | 'impossible';

const OBSTACLES: Readonly<Record<Obstacle, string>> = { forbidden: 'DF set', impossible: 'cannot be fragmented' };

/**
 * Holds a packet against the MTU of the port that it is to leave by.
 *
 * Length and DF are in no key, and need not be: a flow carries the smallest MTU of its way, a packet longer than that does not hit it
 * (C39), and here leaves none.
 *
 * @param packet takes the MTU when it is the smallest so far, and notes what becomes of it when it is longer: {@link Packet.oversize}.
 *   When it goes no further, the MTU is what decided
 * @returns undefined when it passes: it fits, or will be cut into fragments that do, at the end of its way. Else why not. It is
 *   `impossible` to cut what is no IPv4, has options that cannot be walked, or was not captured whole
 * @see C15, C34; RFC 791, section 3.2; RFC 1191, section 4; RFC 1812, section 5.2.6
 */
export function obstacleAt({ id, name, mtu }: Bounded, packet: Packet): Obstacle | undefined {
  if (mtu >= packet.mtu) return undefined;
  packet.mtu = mtu;
  const { bytes, layers } = packet.frame;
  const octets = layers.ipLength;
  if (octets <= mtu) return undefined;
  packet.keepFlowless();
  const fragments = countFragments(bytes, bytes.length, layers, mtu);
  packet.oversize = { port: id, mtu, octets, fragments };
  if (fragments > 0) return undefined;
  const obstacle = isForbidden(packet.frame) ? 'forbidden' : 'impossible';
  const describe = (): string => `MTU ${mtu} of port ${name}: ${octets} octets, ${OBSTACLES[obstacle]}`;
  packet.because = { number: id, describe };
  return obstacle;
}

function isForbidden({ bytes, layers }: Frame): boolean {
  return u16(bytes, layers.etherTypeAt) === ETHERTYPE_IPV4 && (u16(bytes, layers.l3 + 6) & DONT_FRAGMENT) !== 0;
}
