import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../../../simulation/packet/ethernet.ts';
import { WORD } from '../../../simulation/packet/key-layout.ts';
import { ICMP, ICMPV6, TCP, UDP } from '../../../simulation/packet/protocols.ts';
import { type Ipv4Prefix, netmaskOf } from '../../../topology/model/ipv4.ts';
import { BROADCAST_MAC, highOf, lowOf, type Mac } from '../../../topology/model/mac.ts';
import type { Direction, FilterExpression, Protocol } from './filter-expression.ts';

/** Whether a frame passes, by the words of its key. */
export type FilterTest = (words: Uint32Array) => boolean;

// The bit of presence of each field, without those that it carries.
const HAS_ETH_DST = 1 << 2;
const HAS_ETH_SRC = 1 << 3;
const HAS_ETHER_TYPE = 1 << 4;
const HAS_PROTOCOL = 1 << 8;
const HAS_IP_SRC = 1 << 9;
const HAS_IP_DST = 1 << 10;
const HAS_L4 = 1 << 13;

/** The expression as a test that allocates nothing. A field that is not in the frame passes no test about it. */
export function filterTestOf(expression: FilterExpression): FilterTest {
  switch (expression.kind) {
    case 'and': {
      const [left, right] = [filterTestOf(expression.left), filterTestOf(expression.right)];
      return (words) => left(words) && right(words);
    }
    case 'or': {
      const [left, right] = [filterTestOf(expression.left), filterTestOf(expression.right)];
      return (words) => left(words) || right(words);
    }
    case 'not': {
      const term = filterTestOf(expression.term);
      return (words) => !term(words);
    }
    case 'protocol':
      return protocolTest(expression.protocol);
    case 'number':
      return numberTest(expression.layer, expression.number);
    case 'net':
      return netTest(expression.protocol, expression.direction, expression.prefix);
    case 'ether':
      return inDirection(expression.direction, sourceMacTest(expression.mac), targetMacTest(expression.mac));
    case 'port':
      return portTest(expression.protocol, expression.direction, expression.from, expression.to);
    case 'vlan':
      return vlanTest(expression.id);
    case 'broadcast':
      return targetMacTest(BROADCAST_MAC);
    case 'multicast':
      return (words) => has(words, HAS_ETH_DST) && ((word(words, WORD.ethDstHigh) >>> 24) & 1) === 1;
  }
}

function protocolTest(protocol: Protocol): FilterTest {
  switch (protocol) {
    case 'ip':
      return (words) => isOfType(words, ETHERTYPE_IPV4);
    case 'ip6':
      return (words) => isOfType(words, ETHERTYPE_IPV6);
    case 'arp':
      return (words) => isOfType(words, ETHERTYPE_ARP);
    case 'tcp':
      return (words) => isIp(words) && protocolOf(words) === TCP;
    case 'udp':
      return (words) => isIp(words) && protocolOf(words) === UDP;
    case 'icmp':
      return numberTest('ip', ICMP);
    case 'icmp6':
      return numberTest('ip6', ICMPV6);
  }
}

function numberTest(layer: 'ether' | 'ip' | 'ip6', number: number): FilterTest {
  if (layer === 'ether') return (words) => isOfType(words, number);
  const type = layer === 'ip' ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
  return (words) => isOfType(words, type) && protocolOf(words) === number;
}

function netTest(
  protocol: 'ip' | 'arp' | undefined,
  direction: Direction,
  { address, length }: Ipv4Prefix,
): FilterTest {
  const mask = netmaskOf(length);
  const source: FilterTest = (words) => has(words, HAS_IP_SRC) && ((word(words, WORD.ipSrc) ^ address) & mask) === 0;
  const target: FilterTest = (words) => has(words, HAS_IP_DST) && ((word(words, WORD.ipDst) ^ address) & mask) === 0;
  const test = inDirection(direction, source, target);
  return (words) =>
    ((protocol !== 'arp' && isOfType(words, ETHERTYPE_IPV4)) ||
      (protocol !== 'ip' && isOfType(words, ETHERTYPE_ARP))) &&
    test(words);
}

function portTest(protocol: 'tcp' | 'udp' | undefined, direction: Direction, from: number, to: number): FilterTest {
  const source: FilterTest = (words) => {
    const port = word(words, WORD.l4) >>> 16;
    return port >= from && port <= to;
  };
  const target: FilterTest = (words) => {
    const port = word(words, WORD.l4) & 0xffff;
    return port >= from && port <= to;
  };
  const test = inDirection(direction, source, target);
  return (words) => {
    if (!has(words, HAS_L4) || !isIp(words)) return false;
    const found = protocolOf(words);
    return ((protocol !== 'udp' && found === TCP) || (protocol !== 'tcp' && found === UDP)) && test(words);
  };
}

function vlanTest(id: number | undefined): FilterTest {
  return (words) => {
    const tags = word(words, WORD.vlansProtoTtlTos) >>> 24;
    return tags > 0 && (id === undefined || (word(words, WORD.vlanOuter) & 0xfff) === id);
  };
}

function sourceMacTest(mac: Mac): FilterTest {
  const [high, low] = [highOf(mac), lowOf(mac)];
  return (words) =>
    has(words, HAS_ETH_SRC) &&
    (word(words, WORD.ethDstLowEthSrcHigh) & 0xffff) === high &&
    word(words, WORD.ethSrcLow) === low;
}

function targetMacTest(mac: Mac): FilterTest {
  const [high, low] = [Math.floor(mac / 2 ** 16), mac % 2 ** 16];
  return (words) =>
    has(words, HAS_ETH_DST) &&
    word(words, WORD.ethDstHigh) === high &&
    word(words, WORD.ethDstLowEthSrcHigh) >>> 16 === low;
}

function inDirection(direction: Direction, source: FilterTest, target: FilterTest): FilterTest {
  switch (direction) {
    case 'src':
      return source;
    case 'dst':
      return target;
    case 'src or dst':
      return (words) => source(words) || target(words);
    case 'src and dst':
      return (words) => source(words) && target(words);
  }
}

function isIp(words: Uint32Array): boolean {
  return isOfType(words, ETHERTYPE_IPV4) || isOfType(words, ETHERTYPE_IPV6);
}

function isOfType(words: Uint32Array, type: number): boolean {
  return has(words, HAS_ETHER_TYPE) && (word(words, WORD.tunnelTosTtlEtherType) & 0xffff) === type;
}

/** -1 without one. */
function protocolOf(words: Uint32Array): number {
  return has(words, HAS_PROTOCOL) ? (word(words, WORD.vlansProtoTtlTos) >>> 16) & 0xff : -1;
}

function has(words: Uint32Array, bit: number): boolean {
  return (word(words, WORD.present) & bit) !== 0;
}

function word(words: Uint32Array, at: number): number {
  return words[at] ?? 0;
}
