import type { PacketTrace } from '../../../datapath/trace/packet-trace.ts';
import { describeFrame } from '../../../simulation/packet/format-packet.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { formatInstant } from '../../../topology/model/time.ts';
import { frameOf } from '../../frame-of.ts';
import type { FrameExpectation } from '../scenario.ts';
import { formatMatch } from './counts.ts';
import type { FrameNote } from './failure.ts';
import { hexOf, type SeenFrame } from './frame-fit.ts';

/** Octets of a frame that a title shows. */
const SHOWN_OCTETS = 24;

/** What is expected, in words: `edge:uplink: ip.dst 8.8.8.8, udp.dstport 53`. */
export function titleOf({ port, match, bytes, exact }: FrameExpectation, nameOf: (port: Uuid) => string): string {
  const octets = bytes === undefined ? '' : hexOf(bytes.subarray(0, SHOWN_OCTETS));
  const cut = bytes !== undefined && bytes.length > SHOWN_OCTETS ? '...' : '';
  const parts = [formatMatch(match), octets === '' ? '' : `bytes ${octets}${cut}`, exact ? 'and nothing else' : ''];
  return `${nameOf(port)}: ${parts.filter((part) => part !== '').join(', ')}`;
}

export function noteOf(
  { port, at, packet, bytes, wireLength }: Omit<SeenFrame, 'fields'>,
  nameOf: (port: Uuid) => string,
): FrameNote {
  return { port: nameOf(port), at: formatInstant(at), packet, summary: describeFrame(frameOf(bytes, wireLength)) };
}

/** The packet that a story is about, as it came in. */
export function noteOfTrace({ port, at, packet, summary }: PacketTrace): FrameNote {
  return { port, at, packet, summary };
}
