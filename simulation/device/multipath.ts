import { L4_SRC, NO_FRAGMENT } from '../packet/fields.ts';
import type { FlowKey } from '../packet/flow-key.ts';
import { TCP, UDP } from '../packet/protocols.ts';

/**
 * A number in [0, ways), the same for all packets of a connection.
 *
 * It sees all it hashes (C3): addresses and protocol; of TCP and UDP the ports too, but not of fragments, the first among them, so that a
 * datagram stays together.
 *
 * @see spec 30 §8.3, C3; RFC 2991
 */
export function wayOf(key: FlowKey, ways: number): number {
  const protocol = key.ipProto;
  let hash = mix(mix(mix(0, key.ipSrc), key.ipDst), protocol);
  const hasPorts = (protocol === TCP || protocol === UDP) && key.fragment === NO_FRAGMENT && key.has(L4_SRC);
  if (hasPorts) hash = mix(hash, (key.l4Src << 16) | key.l4Dst);
  return (mix(hash, ways) >>> 0) % ways;
}

/** The way of a connection without ports, seen from its other end: of the router's own answers. */
export function wayOfAddresses(source: number, destination: number, protocol: number, ways: number): number {
  return (mix(mix(mix(mix(0, source), destination), protocol), ways) >>> 0) % ways;
}

function mix(hash: number, word: number): number {
  let mixed = Math.imul(hash ^ word, 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}
