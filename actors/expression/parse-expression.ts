import { didYouMean } from '../../topology/file/did-you-mean.ts';
import { ARP_REPLY, ARP_REQUEST } from '../../simulation/packet/arp.ts';
import { TCP, UDP, ICMP } from '../../simulation/packet/protocols.ts';
import { ANY_IPV4, type Ipv4 } from '../../topology/model/ipv4.ts';
import type { Mac } from '../../topology/model/mac.ts';
import { ExpressionCursor, type Token } from './expression-cursor.ts';
import type { ExpressionProblem } from './expression-problem.ts';
import { ExpressionOptions } from './expression-options.ts';
import { PACKET_KINDS, type PacketKind } from './option-table.ts';
import type { ArpSaid, BodySaid, ContentSaid, Ipv4Said, PacketExpression, RawSaid } from './packet-expression.ts';

/** A frame this short has no whole Ethernet header; one this long is no frame (see the longest of a capture). */
const SHORTEST_OCTETS = 14;
const LONGEST_OCTETS = 65_535;

const SYN = 0x02;
const WINDOW = 64_240;
const EPHEMERAL_PORT = 49_152;
const DEFAULT_TTL = 64;

/** What an ICMP message is called, and its type. */
const ICMP_TYPES: ReadonlyMap<string, number> = new Map([
  ['echo', 8],
  ['echo-request', 8],
  ['echo-reply', 0],
  ['unreachable', 3],
  ['redirect', 5],
  ['time-exceeded', 11],
]);

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
    `${bytes.length} octets are no frame`,
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

/** Reads addresses now; what the options say is put together by the function returned, when all have been read. */
type ContentReader = (
  cursor: ExpressionCursor,
  options: ExpressionOptions,
) => (() => ContentSaid | undefined) | undefined;

const CONTENTS: Readonly<Record<PacketKind, ContentReader>> = {
  tcp(cursor, options) {
    const ends = readEnds(cursor);
    return ends && (() => withHeader(cursor, options, TCP) && ipv4(ends, options, tcp(ends, options)));
  },
  udp(cursor, options) {
    const ends = readEnds(cursor);
    return ends && (() => withHeader(cursor, options, UDP) && ipv4(ends, options, udp(ends, options)));
  },
  icmp: readIcmp,
  ip(cursor, options) {
    const ends = readAddresses(cursor);
    return ends && (() => otherIp(cursor, ends, options));
  },
  arp: readArp,
  eth: readEthernet,
};

/** A later fragment has no header of layer 4: whoever says one means something else. */
function withHeader(cursor: ExpressionCursor, options: ExpressionOptions, protocol: number): true | undefined {
  if ((options.fragment?.offset ?? 0) === 0) return true;
  const expected = `'ip proto=${protocol}' for it, with addresses alone`;
  return cursor.fail(options.tokenOf('frag'), 'a later fragment has no header behind that of IP', expected);
}

interface Ends {
  readonly src: Ipv4;
  readonly dst: Ipv4;
  readonly srcPort: number;
  readonly dstPort: number;
}

function readAddresses(cursor: ExpressionCursor): Ends | undefined {
  const src = cursor.needIpv4();
  cursor.needWord('>');
  const dst = cursor.needIpv4();
  return src === undefined || dst === undefined ? undefined : { src, dst, srcPort: 0, dstPort: 0 };
}

/** `10.0.1.10:4000 > 10.0.2.20:80`; the source may leave its port out. */
function readEnds(cursor: ExpressionCursor): Ends | undefined {
  const from = readEnd(cursor, EPHEMERAL_PORT);
  cursor.needWord('>');
  const to = readEnd(cursor, undefined);
  return from && to && { src: from.address, srcPort: from.port, dst: to.address, dstPort: to.port };
}

function readEnd(
  cursor: ExpressionCursor,
  defaultPort: number | undefined,
): { readonly address: Ipv4; readonly port: number } | undefined {
  const expected = 'an address and a port such as 10.0.1.10:4000';
  const token = cursor.need(expected);
  if (token === undefined) return undefined;
  const colon = token.text.indexOf(':');
  const isOne = colon === token.text.lastIndexOf(':');
  const head: Token = { text: colon < 0 || !isOne ? token.text : token.text.slice(0, colon), at: token.at };
  const address = cursor.ipv4(head, expected);
  if (address === undefined) return undefined;
  if (colon < 0) {
    if (defaultPort !== undefined) return { address, port: defaultPort };
    const end = { text: '', at: token.at + token.text.length };
    return cursor.fail(end, 'the destination has no port', `a port, as in ${token.text}:80`);
  }
  const tail = { text: token.text.slice(colon + 1), at: token.at + colon + 1 };
  const port = cursor.number(tail, 0xffff, 'port');
  return port === undefined ? undefined : { address, port };
}

function ipv4(ends: Ends, options: ExpressionOptions, body: BodySaid): Ipv4Said {
  const fragment = options.fragment;
  return {
    kind: 'ipv4',
    src: ends.src,
    dst: ends.dst,
    ttl: options.number('ttl') ?? DEFAULT_TTL,
    tos: options.number('tos') ?? 0,
    identification: options.number('ip.id') ?? (body.kind === 'icmp' ? 0 : (options.number('id') ?? 0)),
    dontFragment: options.has('df'),
    moreFragments: fragment?.more ?? false,
    fragmentOffset: fragment?.offset ?? 0,
    checksum: options.checksum('ip.checksum') ?? 'right',
    body,
  };
}

function tcp({ srcPort, dstPort }: Ends, options: ExpressionOptions): BodySaid {
  return {
    kind: 'tcp',
    srcPort,
    dstPort,
    flags: options.tcpFlags ?? SYN,
    seq: options.number('seq') ?? 0,
    ack: options.number('ack') ?? 0,
    window: options.number('win') ?? WINDOW,
    mss: options.number('mss'),
    checksum: options.checksum('checksum') ?? 'right',
    payload: options.payload,
  };
}

function udp({ srcPort, dstPort }: Ends, options: ExpressionOptions): BodySaid {
  return {
    kind: 'udp',
    srcPort,
    dstPort,
    checksum: options.checksum('checksum') ?? 'right',
    payload: options.payload,
  };
}

/** `icmp echo A > B`, or `icmp type=3 code=1 A > B`. */
function readIcmp(cursor: ExpressionCursor, options: ExpressionOptions): (() => ContentSaid | undefined) | undefined {
  const word = cursor.peek();
  const named = word && ICMP_TYPES.get(word.text);
  if (named !== undefined) {
    cursor.take();
    options.read();
  } else if (word && /^[a-z][a-z-]+$/i.test(word.text)) {
    const kinds = [...ICMP_TYPES.keys()];
    const meant = didYouMean(word.text, kinds);
    return cursor.fail(
      word,
      `'${word.text}' is no kind of ICMP message`,
      `${kinds.join(', ')}, or type=N code=N`,
      meant,
    );
  }
  const ends = readAddresses(cursor);
  return ends && (() => hasIcmpNumbers(cursor, options) && ipv4(ends, options, icmp(named, options)));
}

/** Options that other kinds of packets have in larger. */
function hasIcmpNumbers(cursor: ExpressionCursor, options: ExpressionOptions): true | undefined {
  for (const [name, most] of [
    ['type', 0xff],
    ['seq', 0xffff],
  ] as const) {
    const token = options.tokenOf(name);
    if ((options.number(name) ?? 0) > most)
      return cursor.fail(token, `'${token.text}' is too large for ICMP`, `a number from 0 to ${most}`);
  }
  return withHeader(cursor, options, ICMP);
}

function icmp(named: number | undefined, options: ExpressionOptions): BodySaid {
  const type = named ?? options.number('type') ?? 8;
  const first = options.number('id') ?? 0;
  const second = options.number('mtu') ?? options.number('seq') ?? 0;
  return {
    kind: 'icmp',
    type,
    code: options.number('code') ?? 0,
    rest: ((first << 16) | (second & 0xffff)) >>> 0,
    checksum: options.checksum('checksum') ?? 'right',
    payload: options.payload,
  };
}

/** `ip proto=47 A > B`: protocols that we know better are to be said by their names, or their headers would be missing. */
function otherIp(cursor: ExpressionCursor, ends: Ends, options: ExpressionOptions): ContentSaid | undefined {
  const protocol = options.number('proto');
  if (protocol === undefined)
    return cursor.fail(
      { text: 'ip', at: cursor.text.search(/\S/) },
      'the protocol is not said',
      "'proto=47', or tcp, udp, icmp in place of ip",
    );
  const known = protocol === TCP || protocol === UDP || protocol === ICMP;
  if (known && !options.has('payload') && options.fragment === undefined) {
    const name = protocol === TCP ? 'tcp' : protocol === UDP ? 'udp' : 'icmp';
    return cursor.fail(
      options.tokenOf('proto'),
      `protocol ${protocol} has a header`,
      `'${name}' in place of ip, or payload=…`,
    );
  }
  const header = ipv4(ends, options, { kind: 'other', protocol, payload: options.payload });
  return { ...header, checksum: options.checksum('ip.checksum') ?? options.checksum('checksum') ?? 'right' };
}

const ARP_WORDS = ['request', 'who-has', 'reply', 'announce', 'probe'] as const;

/** `arp request A asks B`, `arp who-has B tell A`, `arp reply A is-at MAC to B`, `arp announce A`, `arp probe A`. */
function readArp(cursor: ExpressionCursor): (() => ArpSaid) | undefined {
  const said = cursor.need(ARP_WORDS.map((known) => `'${known}'`).join(', '));
  if (said === undefined) return undefined;
  const word = ARP_WORDS.find((known) => known === said.text);
  if (word === undefined)
    return cursor.fail(
      said,
      `'${said.text}' is no kind of ARP message`,
      ARP_WORDS.join(', '),
      didYouMean(said.text, ARP_WORDS),
    );
  if (word === 'reply') return readArpReply(cursor);

  const first = cursor.needIpv4();
  let second = first;
  if (word === 'request' || word === 'who-has') {
    cursor.needWord(word === 'request' ? 'asks' : 'tell');
    second = cursor.needIpv4();
  }
  if (first === undefined || second === undefined) return undefined;
  const [senderIp, targetIp] = word === 'who-has' ? [second, first] : [first, second];
  return () => arp(ARP_REQUEST, word === 'probe' ? ANY_IPV4 : senderIp, targetIp, undefined, undefined, true);
}

function readArpReply(cursor: ExpressionCursor): (() => ArpSaid) | undefined {
  const senderIp = cursor.needIpv4();
  let senderMac: Mac | undefined;
  if (cursor.takeWord('is-at')) senderMac = cursor.needMac();
  cursor.needWord('to');
  const targetIp = cursor.needIpv4();
  if (senderIp === undefined || targetIp === undefined) return undefined;
  return () => arp(ARP_REPLY, senderIp, targetIp, senderMac, undefined, false);
}

function arp(
  operation: number,
  senderIp: Ipv4,
  targetIp: Ipv4,
  senderMac: Mac | undefined,
  targetMac: Mac | undefined,
  isBroadcast: boolean,
): ArpSaid {
  return { kind: 'arp', operation, senderIp, targetIp, senderMac, targetMac, isBroadcast };
}

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
