import { didYouMean } from '../../../topology/file/did-you-mean.ts';
import { type Ipv4Prefix, ipv4Of, parseIpv4, parseIpv4Prefix, prefixOf } from '../../../topology/model/ipv4.ts';
import { parseMac } from '../../../topology/model/mac.ts';
import type { Direction, FilterExpression } from './filter-expression.ts';
import { type Layer, NONE, type Qualifiers, Refusal, type Word } from './filter-words.ts';

const SERVICES: ReadonlyMap<string, number> = new Map([
  ['ssh', 22],
  ['domain', 53],
  ['bootps', 67],
  ['bootpc', 68],
  ['http', 80],
  ['ntp', 123],
  ['https', 443],
]);

/** What value stands behind the qualifiers. */
export function expectedOf({ layer, kind }: Qualifiers): string {
  if (layer === 'ether') return kind === 'proto' ? 'an ethertype' : 'a MAC address';
  switch (kind) {
    case 'net':
      return 'an IPv4 prefix, such as 10.0.0.0/8';
    case 'port':
      return 'a port from 0 to 65535';
    case 'portrange':
      return 'two ports, such as 8000-8080';
    case 'proto':
      return 'a protocol number';
    case 'host':
    case undefined:
      return 'an IPv4 address, such as 10.0.0.1';
  }
}

/** The term of a value behind its qualifiers. @throws Refusal */
export function valueTerm(qualifiers: Qualifiers, value: Word): FilterExpression {
  const { layer, direction, kind = 'host' } = qualifiers;
  if (kind === 'proto') return protocolNumber(layer, direction, value);
  const way = direction ?? 'src or dst';
  if (layer === 'ether') {
    const mac = kind === 'host' ? parseMac(value.text) : undefined;
    if (mac === undefined) throw new Refusal(value.at, `"${value.text}" is no MAC address`, expectedOf(qualifiers));
    return { kind: 'ether', direction: way, mac };
  }
  if (kind === 'port' || kind === 'portrange') {
    if (layer !== undefined && layer !== 'tcp' && layer !== 'udp') {
      throw new Refusal(value.at, `"${layer}" has no ports`, '"tcp" or "udp" before it');
    }
    return { kind: 'port', protocol: layer, direction: way, ...portsOf(kind, value) };
  }
  if (layer !== undefined && layer !== 'ip' && layer !== 'arp') {
    throw new Refusal(value.at, `"${layer}" has no ${kind}s`, '"ip" or "arp" before it');
  }
  return { kind: 'net', protocol: layer, direction: way, prefix: addressesOf(kind, value) };
}

function protocolNumber(layer: Layer | undefined, direction: Direction | undefined, value: Word): FilterExpression {
  if (direction !== undefined) throw new Refusal(value.at, `a protocol has no "${direction}"`);
  if (layer !== 'ether' && layer !== 'ip' && layer !== 'ip6') {
    throw new Refusal(value.at, '"proto" stands alone', '"ether", "ip" or "ip6" before it');
  }
  const highest = layer === 'ether' ? 0xffff : 255;
  return { kind: 'number', layer, number: numberOf(value, highest, `a number up to ${highest}`) };
}

function portsOf(kind: 'port' | 'portrange', value: Word): { readonly from: number; readonly to: number } {
  if (kind === 'port') {
    const port = portOf(value);
    return { from: port, to: port };
  }
  const dash = value.text.indexOf('-');
  if (dash < 0) throw new Refusal(value.at, `"${value.text}" is no range of ports`, 'two ports, such as 8000-8080');
  const from = portOf({ text: value.text.slice(0, dash), at: value.at });
  const to = portOf({ text: value.text.slice(dash + 1), at: value.at + dash + 1 });
  return from <= to ? { from, to } : { from: to, to: from };
}

function portOf(word: Word): number {
  const known = SERVICES.get(word.text);
  if (known !== undefined) return known;
  if (!/^\d/.test(word.text)) {
    const guess = didYouMean(word.text, SERVICES.keys());
    throw new Refusal(word.at, `"${word.text}" is no port`, 'a number from 0 to 65535', guess);
  }
  return numberOf(word, 65_535, 'a port from 0 to 65535');
}

/** @throws Refusal when the word is no number, or one too high */
export function numberOf({ text, at }: Word, highest: number, expected: string): number {
  const number = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : NaN;
  if (number <= highest) return number;
  throw new Refusal(at, `"${text}" is not ${expected}`, undefined);
}

function addressesOf(kind: 'host' | 'net', { text, at }: Word): Ipv4Prefix {
  if (/:.*:/.test(text)) throw new Refusal(at, `"${text}" is no IPv4 address: filters know IPv6 only as "ip6"`);
  const host = parseIpv4(text);
  if (host !== undefined) return prefixOf(host, 32);
  const net = kind === 'net' ? (parseIpv4Prefix(text) ?? shortNet(text)) : undefined;
  if (net !== undefined) return net;
  const [address = '', length = ''] = text.split('/');
  const stray = parseIpv4(address);
  const isPrefix = stray !== undefined && /^\d+$/.test(length) && Number(length) <= 32;
  if (kind === 'host' && isPrefix) throw new Refusal(at, `"${text}" is a prefix`, 'an address', `net ${text}`);
  if (isPrefix) throw new Refusal(at, `"${text}" has bits beyond the first ${length}`, 'a prefix');
  throw new Refusal(at, `"${text}" is no IPv4 ${kind === 'net' ? 'prefix' : 'address'}`, expectedOf({ ...NONE, kind }));
}

/** `10`, `172.16`: the first octets of a network. */
function shortNet(text: string): Ipv4Prefix | undefined {
  const octets = text.split('.');
  if (octets.length > 3 || !octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255)) return undefined;
  const bits = octets.reduce((sum, octet) => sum * 256 + Number(octet), 0) * 256 ** (4 - octets.length);
  return { address: ipv4Of(bits), length: 8 * octets.length };
}
