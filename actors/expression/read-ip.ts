import { didYouMean } from '../../topology/file/did-you-mean.ts';
import { LARGEST_IPV4 } from '../../simulation/packet/ipv4-header.ts';
import { ICMP, TCP, UDP } from '../../simulation/packet/protocols.ts';
import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { ExpressionCursor, Token } from './expression-cursor.ts';
import type { ExpressionOptions } from './expression-options.ts';
import { totalLengthOf } from './length-of.ts';
import type { BodySaid, ContentSaid, Ipv4Said } from './packet-expression.ts';

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

/** Reads addresses now; what the options say is put together by the function returned, when all have been read. */
export type ContentReader = (
  cursor: ExpressionCursor,
  options: ExpressionOptions,
) => (() => ContentSaid | undefined) | undefined;

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

/** A packet that IPv4 can carry: headers with options, and a payload in words, can come to more. */
function whole(cursor: ExpressionCursor, options: ExpressionOptions, said: Ipv4Said): Ipv4Said | undefined {
  const total = totalLengthOf(said);
  if (total <= LARGEST_IPV4) return said;
  const token = options.tokenOf(options.has('len') ? 'len' : 'payload');
  return cursor.fail(token, `${total} octets are too many for an IPv4 packet`, `${LARGEST_IPV4} at most`);
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

/** `tcp A:4000 > B:80`. */
export function readTcp(cursor: ExpressionCursor, options: ExpressionOptions): ReturnType<ContentReader> {
  const ends = readEnds(cursor);
  return (
    ends && (() => withHeader(cursor, options, TCP) && whole(cursor, options, ipv4(ends, options, tcp(ends, options))))
  );
}

/** `udp A:4000 > B:53`. */
export function readUdp(cursor: ExpressionCursor, options: ExpressionOptions): ReturnType<ContentReader> {
  const ends = readEnds(cursor);
  return (
    ends && (() => withHeader(cursor, options, UDP) && whole(cursor, options, ipv4(ends, options, udp(ends, options))))
  );
}

/** `icmp echo A > B`, or `icmp type=3 code=1 A > B`. */
export function readIcmp(cursor: ExpressionCursor, options: ExpressionOptions): ReturnType<ContentReader> {
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
  return (
    ends &&
    (() => withHeader(cursor, options, ICMP) && whole(cursor, options, ipv4(ends, options, icmp(named, options))))
  );
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

/** `ip proto=47 A > B`. */
export function readIp(cursor: ExpressionCursor, options: ExpressionOptions): ReturnType<ContentReader> {
  const ends = readAddresses(cursor);
  return ends && (() => otherIp(cursor, ends, options));
}

/** Protocols that we know better are to be said by their names, or their headers would be missing. */
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
  const checksum = options.checksum('ip.checksum') ?? options.checksum('checksum') ?? 'right';
  return whole(cursor, options, { ...header, checksum });
}
