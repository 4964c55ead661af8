import { didYouMean } from '../../topology/file/did-you-mean.ts';
import { ExpressionCursor } from './expression-cursor.ts';
import type { ExpressionProblem } from './expression-problem.ts';
import { ExpressionOptions } from './expression-options.ts';
import { PACKET_KINDS, type PacketKind } from './option-table.ts';
import type { PacketExpression, RawSaid } from './packet-expression.ts';
import { readArp } from './read-arp.ts';
import { type ContentReader, readIcmp, readIp, readTcp, readUdp } from './read-ip.ts';

/** A frame this short has no whole Ethernet header; one this long is no frame (see the longest of a capture). */
const SHORTEST_OCTETS = 14;
const LONGEST_OCTETS = 65_535;

/**
 * Reads what somebody says of a packet: `tcp 10.0.1.10:4000 > 10.0.2.20:80 ttl=1`, octets in hexadecimal, or `FILE.pcap#N`.
 *
 * @returns the first thing that is wrong, if anything is. Never throws
 * @see docs/packet-expression.md for the grammar
 */
export function parsePacketExpression(text: string): PacketExpression | ExpressionProblem {
  const cursor = new ExpressionCursor(text);
  return readExpression(cursor) ?? cursor.problem ?? nothing(cursor);
}

function nothing({ text }: ExpressionCursor): ExpressionProblem {
  const expected = `${PACKET_KINDS.join(', ')}, hex, or FILE.pcap#N`;
  return { kind: 'problem', at: text.length, length: 0, message: 'no packet', expected, didYouMean: undefined };
}

function readExpression(cursor: ExpressionCursor): PacketExpression | undefined {
  const capture = readCapture(cursor.text);
  if (capture !== undefined) return capture;
  const first = cursor.take();
  if (first === undefined) return undefined;
  const kind = PACKET_KINDS.find((known) => known === first.text.toLowerCase());
  if (kind !== undefined) return readPacket(cursor, kind);
  if (first.text === 'hex') return readOctets(cursor, first.at + first.text.length);
  if (/^[0-9a-f:\s]+$/i.test(cursor.text)) return readOctets(cursor, 0);
  return cursor.fail(
    first,
    `'${first.text}' is no kind of packet`,
    `${PACKET_KINDS.join(', ')}, hex, or FILE.pcap#N`,
    didYouMean(first.text, [...PACKET_KINDS, 'hex']),
  );
}

/** `FILE#N`: the name may hold anything, blanks too. */
function readCapture(text: string): PacketExpression | undefined {
  const match = /^\s*(\S(?:.*\S)?)#(\d{1,15})\s*$/.exec(text);
  const [, file = '', number = ''] = match ?? [];
  if (file === '' || file.includes('"')) return undefined;
  const frame = Number(number);
  return { kind: 'capture', file, frame };
}

/** Octets from `from` on; blanks and colons between them are for the eye. */
function readOctets(cursor: ExpressionCursor, from: number): PacketExpression | undefined {
  const said = cursor.text.slice(from);
  const stray = /[^0-9a-f:\s]/i.exec(said);
  if (stray) return cursor.fail({ text: stray[0], at: from + stray.index }, `'${stray[0]}' is no hexadecimal digit`);
  const digits = said.replaceAll(/[:\s]/g, '');
  const end = { text: '', at: cursor.text.trimEnd().length };
  if (digits.length % 2 === 1)
    return cursor.fail(end, 'half an octet is missing', 'two hexadecimal digits for each octet');
  const bytes = Uint8Array.from(Buffer.from(digits, 'hex'));
  if (bytes.length >= SHORTEST_OCTETS && bytes.length <= LONGEST_OCTETS) return { kind: 'octets', bytes };
  return cursor.fail(
    end,
    `${bytes.length} ${bytes.length === 1 ? 'octet is' : 'octets are'} no frame`,
    `${SHORTEST_OCTETS} to ${LONGEST_OCTETS} octets, the Ethernet header first`,
  );
}

function readPacket(cursor: ExpressionCursor, kind: PacketKind): PacketExpression | undefined {
  const options = new ExpressionOptions(cursor, kind);
  options.read();
  const content = CONTENTS[kind](cursor, options);
  options.read();
  const rest = cursor.peek();
  if (rest !== undefined) options.failUnknown(rest);
  if (content === undefined || cursor.problem !== undefined) return undefined;
  const said = content();
  if (said === undefined || cursor.problem !== undefined) return undefined;
  const { src, dst } = options.macs ?? { src: options.mac('eth.src'), dst: options.mac('eth.dst') };
  return { kind: 'packet', ethernet: { src, dst, vlans: options.vlans }, content: said };
}

const CONTENTS: Readonly<Record<PacketKind, ContentReader>> = {
  tcp: readTcp,
  udp: readUdp,
  icmp: readIcmp,
  ip: readIp,
  arp: readArp,
  eth: readEthernet,
};

/** `eth MAC > MAC type=0x88cc`. */
function readEthernet(cursor: ExpressionCursor, options: ExpressionOptions): (() => RawSaid | undefined) | undefined {
  const src = cursor.needMac();
  cursor.needWord('>');
  const dst = cursor.needMac();
  if (src === undefined || dst === undefined) return undefined;
  return () => {
    options.macs = { src, dst };
    const etherType = options.number('type');
    if (etherType === undefined)
      return cursor.fail({ text: '', at: cursor.text.trimEnd().length }, 'the ethertype is not said', "'type=0x88cc'");
    return { kind: 'raw', etherType, payload: options.payload };
  };
}
