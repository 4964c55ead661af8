import type { Frame } from '../../../simulation/packet/frame.ts';

/** What a key says of a frame, by the name of the field; a field that is absent is not there. */
export type Parsed = Record<string, number | string | bigint>;

/** Octets taken off the front of a frame one after the other; undefined when there are too few. */
class Reader {
  readonly #octets: readonly number[];
  constructor(octets: readonly number[]) {
    this.#octets = octets;
  }
  get left(): number {
    return this.#octets.length;
  }
  number(at: number, size: number): number {
    return this.#octets.slice(at, at + size).reduce((sum, octet) => sum * 256 + octet, 0);
  }
  hex(at: number, size: number): string {
    return this.#octets
      .slice(at, at + size)
      .map((octet) => octet.toString(16).padStart(2, '0'))
      .join('');
  }
  from(at: number, size = Infinity): Reader {
    return new Reader(this.#octets.slice(at, at + size));
  }
  get sum(): number {
    let sum = 0;
    for (let at = 0; at < this.left; at += 2) sum += this.number(at, 2);
    while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
    return sum;
  }
}

/** Reads a frame the plain way: with slices, strings and no care for speed. Shares no code with what it checks. */
export function parseSlowly({ bytes, wireLength }: Frame): Parsed {
  const parsed: Parsed = {};
  const frame = new Reader([...bytes]);
  if (frame.left >= 6) parsed['ethDst'] = frame.hex(0, 6);
  if (frame.left >= 12) parsed['ethSrc'] = frame.hex(6, 6);
  if (frame.left < 14) return parsed;
  const tags: string[] = [];
  let at = 12;
  const isTag = (): boolean => ['8100', '88a8', '9100'].includes(frame.hex(at, 2));
  while (isTag() && frame.left >= at + 6 && tags.length < 255) {
    tags.push(frame.hex(at, 4));
    at += 4;
  }
  if (tags.length > 0) parsed['vlan'] = [tags.length, ...tags.slice(0, 2)].join(' ');
  if (isTag() || frame.number(at, 2) < 1536) return parsed;
  parsed['etherType'] = frame.number(at, 2);
  const packet = frame.from(at + 2);
  const lengthOnWire = wireLength - at - 2;
  switch (parsed['etherType']) {
    case 0x0806:
      return { ...parsed, ...parseArp(packet) };
    case 0x0800:
      return { ...parsed, ...parseIpv4(packet, lengthOnWire) };
    case 0x86dd:
      return { ...parsed, ...parseIpv6(packet) };
    default:
      return parsed;
  }
}

function parseArp(message: Reader): Parsed {
  if (message.left < 28 || message.hex(0, 6) !== '000108000604') return {};
  const opcode = message.number(6, 2);
  const addresses = { ipSrc: address(message, 14, 4), ipDst: address(message, 24, 4) };
  return opcode < 256 ? { ipProto: opcode, ...addresses } : addresses;
}

function address(reader: Reader, at: number, size: number): string {
  return reader.hex(at, size).padEnd(32, '0');
}

function parseIpv4(packet: Reader, lengthOnWire: number): Parsed {
  if (packet.left < 20 || packet.hex(0, 1)[0] !== '4') return { soundIpv4: 0 };
  const headerLength = (packet.number(0, 1) % 16) * 4;
  const total = packet.number(2, 2);
  const offset = (packet.number(6, 2) % 8192) * 8;
  const more = Math.floor(packet.number(6, 2) / 8192) % 2;
  const fragment = offset > 0 ? 2 : more;
  const header = packet.from(0, headerLength);
  const isSound =
    headerLength >= 20 &&
    header.left === headerLength &&
    total >= headerLength &&
    total <= lengthOnWire &&
    offset + total <= 65_535 &&
    header.sum === 0xffff &&
    optionsArePlain(header.from(20));
  const parsed: Parsed = {
    soundIpv4: isSound ? 1 : 0,
    fragment,
    tos: packet.number(1, 1),
    ttl: packet.number(8, 1),
    ipProto: packet.number(9, 1),
    ipSrc: address(packet, 12, 4),
    ipDst: address(packet, 16, 4),
  };
  if (fragment === 2 || headerLength < 20) return parsed;
  const protocol = packet.number(9, 1);
  return {
    ...parsed,
    ...parseL4(protocol, packet.from(headerLength, Math.max(0, total - headerLength)), 1, ICMP_QUERIES),
  };
}

const ICMP_QUERIES = [0, 8, 13, 14, 15, 16, 17, 18];

function optionsArePlain(options: Reader): boolean {
  if (options.left === 0 || options.number(0, 1) === 0) return true;
  const kind = options.number(0, 1);
  if (kind === 1) return optionsArePlain(options.from(1));
  const length = options.left > 1 ? options.number(1, 1) : 0;
  if (kind === 131 || kind === 137 || length < 2 || length > options.left) return false;
  return optionsArePlain(options.from(length));
}

function parseIpv6(packet: Reader): Parsed {
  if (packet.left < 40 || packet.hex(0, 1)[0] !== '6') return {};
  const parsed: Parsed = {
    fragment: 0,
    tos: Number.parseInt(packet.hex(0, 2).slice(1, 3), 16),
    ttl: packet.number(7, 1),
    ipSrc: packet.hex(8, 16),
    ipDst: packet.hex(24, 16),
  };
  let next = packet.number(6, 1);
  const claimed = packet.number(4, 2);
  const isJumbo = claimed === 0 && next === 0 && packet.hex(42, 2) === 'c204';
  let rest = packet.from(40, isJumbo ? packet.number(44, 4) : claimed);
  for (let walked = 0; [0, 43, 44, 51, 60].includes(next); walked++) {
    if (walked === 16 || rest.left < 8) return parsed;
    const behind = rest.number(0, 1);
    if (next === 44) {
      const place = rest.number(2, 2);
      parsed['fragment'] = place >= 8 ? 2 : place % 2;
      if (place >= 8) return { ...parsed, ipProto: behind };
      rest = rest.from(8);
    } else {
      const size = next === 51 ? rest.number(1, 1) * 4 + 8 : rest.number(1, 1) * 8 + 8;
      if (size > rest.left) return parsed;
      rest = rest.from(size);
    }
    next = behind;
  }
  return { ...parsed, ipProto: next, ...parseL4(next, rest, 58, [128, 129]) };
}

function parseL4(protocol: number, segment: Reader, icmp: number, queries: readonly number[]): Parsed {
  const ports = { l4Src: segment.number(0, 2), l4Dst: segment.number(2, 2) };
  if (protocol === 6 && segment.left >= 20) return { ...ports, tcpFlags: segment.number(12, 2) % 4096 };
  if (protocol === 17 && segment.left >= 8) return ports;
  if (protocol !== icmp || segment.left < 4) return {};
  const type = segment.number(0, 1);
  const parsed: Parsed = { l4Src: type, l4Dst: segment.number(1, 1) };
  if (segment.left >= 8 && queries.includes(type)) parsed['icmpId'] = segment.number(4, 2);
  return parsed;
}
