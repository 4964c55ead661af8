import { ARP_REPLY, ARP_REQUEST, putMac } from '../../simulation/packet/arp.ts';
import { ETHERTYPE_ARP, ETHERTYPE_IPV4 } from '../../simulation/packet/ethernet.ts';
import { WORD } from '../../simulation/packet/key-layout.ts';
import { u8 } from '../../simulation/packet/octets.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import { ANY_IPV4, ipv4Of } from '../../topology/model/ipv4.ts';
import type { ReadFrame } from './station-answers.ts';
import type { Segments, Speaker } from './segments.ts';

/** A frame made to fit, and who speaks in it. */
export interface Adapted {
  readonly bytes: Uint8Array;
  /** The station that the frame now comes from; undefined when the recorded source was kept. */
  readonly speaker: Speaker | undefined;
}

/**
 * Gives a recorded frame the MAC addresses that this network expects where it enters: its source becomes the station that speaks
 * for its source address here, its destination the next hop that this station would use. ARP says the same inside. Group
 * destinations, and what is neither IPv4 nor ARP, stay as recorded.
 */
export function adapt(frame: ReadFrame, port: Uuid, segments: Segments): Adapted {
  const { bytes, words, layers } = frame;
  const etherType = (words[WORD.tunnelTosTtlEtherType] ?? 0) & 0xffff;
  if (layers.l3 < 0 || (etherType !== ETHERTYPE_IPV4 && etherType !== ETHERTYPE_ARP)) {
    return { bytes, speaker: undefined };
  }
  const source = ipv4Of(words[WORD.ipSrc] ?? 0);
  const target = ipv4Of(words[WORD.ipDst] ?? 0);
  const speaker = source === ANY_IPV4 ? undefined : segments.speakerFor(port, source);
  const adapted = bytes.slice();
  const isGroup = (u8(bytes, 0) & 1) === 1;
  const nextHop = isGroup ? undefined : segments.nextHopFor(port, source, target);
  if (speaker !== undefined) putMac(adapted, 6, speaker.mac);
  if (nextHop !== undefined) putMac(adapted, 0, nextHop);
  if (etherType === ETHERTYPE_ARP) {
    const opcode = u8(bytes, layers.l3 + 7);
    if (speaker !== undefined) putMac(adapted, layers.l3 + 8, speaker.mac);
    if (nextHop !== undefined && opcode === ARP_REPLY) putMac(adapted, layers.l3 + 18, nextHop);
    if (opcode === ARP_REQUEST && nextHop !== undefined) putMac(adapted, layers.l3 + 18, nextHop);
  }
  return { bytes: adapted, speaker };
}
