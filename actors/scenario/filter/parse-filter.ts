import { didYouMean } from '../../../topology/file/did-you-mean.ts';
import { type Ipv4Prefix, ipv4Of, parseIpv4, parseIpv4Prefix, prefixOf } from '../../../topology/model/ipv4.ts';
import { parseMac } from '../../../topology/model/mac.ts';
import type { Direction, FilterExpression, Protocol } from './filter-expression.ts';

/** What is wrong with a filter: one thing, at one place, counted in UTF-16 units from the start of its text. */
export interface FilterFault {
  readonly at: number;
  readonly what: string;
  readonly expected: string | undefined;
  readonly didYouMean: string | undefined;
}

export type FilterParsing =
  { readonly ok: true; readonly expression: FilterExpression } | { readonly ok: false; readonly fault: FilterFault };

/** A filter nested deeper is refused. */
const DEEPEST = 64;
/** A filter of more words is refused: chains of `or` nest as well. */
const MOST_WORDS = 2000;

/** Reads a filter; its grammar is in docs/frame-filter.md. Never throws. */
export function parseFilter(text: string): FilterParsing {
  try {
    return { ok: true, expression: new FilterParser(text).parse() };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, fault: error.fault };
    throw error;
  }
}

/** Ends a parse; never leaves this file. */
class Refusal extends Error {
  readonly fault: FilterFault;

  constructor(at: number, what: string, expected?: string, guess?: string) {
    super(what);
    this.fault = { at, what, expected, didYouMean: guess };
  }
}

interface Word {
  readonly text: string;
  readonly at: number;
}

type Layer = Protocol | 'ether';
type Kind = 'host' | 'net' | 'port' | 'portrange' | 'proto';

/** What stands before a value: `tcp dst port`. */
interface Qualifiers {
  readonly layer: Layer | undefined;
  readonly direction: Direction | undefined;
  readonly kind: Kind | undefined;
}

const NONE: Qualifiers = { layer: undefined, direction: undefined, kind: undefined };
const LAYERS: ReadonlySet<string> = new Set<Layer>(['ether', 'ip', 'ip6', 'arp', 'tcp', 'udp', 'icmp', 'icmp6']);
const KINDS: ReadonlySet<string> = new Set<Kind>(['host', 'net', 'port', 'portrange', 'proto']);
const OTHERS = ['src', 'dst', 'and', 'or', 'not', 'vlan', 'broadcast', 'multicast'];
const WORDS: readonly string[] = [...LAYERS, ...KINDS, ...OTHERS];
const A_TERM = 'a term, such as tcp, host 10.0.0.1 or port 53';
const SERVICES: ReadonlyMap<string, number> = new Map([
  ['ssh', 22],
  ['domain', 53],
  ['bootps', 67],
  ['bootpc', 68],
  ['http', 80],
  ['ntp', 123],
  ['https', 443],
]);

class FilterParser {
  readonly #words: readonly Word[];
  readonly #end: number;
  #next = 0;
  #depth = 0;
  /** The qualifiers of the last value: a value without any repeats them. */
  #last = NONE;

  constructor(text: string) {
    this.#words = [...text.matchAll(/[()]|!=?|&&|\|\||[^\s()!&|]+|[&|]/g)].map((match) => ({
      text: match[0],
      at: match.index,
    }));
    this.#end = text.length;
    const tooMany = this.#words[MOST_WORDS];
    if (tooMany !== undefined) throw new Refusal(tooMany.at, `the filter has more than ${MOST_WORDS} words`);
  }

  parse(): FilterExpression {
    if (this.#words.length === 0) throw new Refusal(0, 'the filter is empty', A_TERM);
    const expression = this.#chain();
    const rest = this.#peek();
    if (rest !== undefined) throw this.#surprise(rest, '"and", "or" or the end');
    return expression;
  }

  /** `and` and `or` bind alike, from the left: pcap-filter(7). */
  #chain(): FilterExpression {
    let left = this.#term();
    for (;;) {
      const word = this.#peek()?.text;
      const kind = word === 'and' || word === '&&' ? 'and' : word === 'or' || word === '||' ? 'or' : undefined;
      if (kind === undefined) return left;
      this.#next += 1;
      left = { kind, left, right: this.#term() };
    }
  }

  #term(): FilterExpression {
    const word = this.#peek();
    if (word === undefined) throw new Refusal(this.#end, 'the filter ends here', A_TERM);
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new Refusal(word.at, `more than ${DEEPEST} levels of nesting`);
    const term = this.#termAt(word);
    this.#depth -= 1;
    return term;
  }

  #termAt(word: Word): FilterExpression {
    if (word.text === 'not' || word.text === '!') {
      this.#next += 1;
      return { kind: 'not', term: this.#term() };
    }
    if (word.text !== '(') return this.#primitive(word);
    this.#next += 1;
    const inside = this.#chain();
    const close = this.#peek();
    if (close?.text !== ')') {
      throw close === undefined
        ? new Refusal(this.#end, 'a parenthesis is not closed', '")"')
        : this.#surprise(close, '"and", "or" or ")"');
    }
    this.#next += 1;
    return inside;
  }

  #primitive(first: Word): FilterExpression {
    if (first.text === 'vlan') return this.#vlan();
    const layer = this.#layer();
    const cast = this.#peek();
    if ((cast?.text === 'broadcast' || cast?.text === 'multicast') && (layer === undefined || layer === 'ether')) {
      this.#next += 1;
      return { kind: cast.text };
    }
    const direction = this.#direction();
    const kind = this.#kind();
    if (layer === undefined && direction === undefined && kind === undefined) return this.#bare(first);
    const value = this.#peek();
    if (direction === undefined && kind === undefined && layer !== undefined && !isValue(value)) {
      if (layer === 'ether') throw this.#missing(value, '"host", "src", "dst", "proto", "broadcast" or "multicast"');
      this.#last = NONE;
      return { kind: 'protocol', protocol: layer };
    }
    if (direction === undefined && kind === undefined && value !== undefined && !looksLikeAddress(value)) {
      throw this.#surprise(value, expectedAfter(layer));
    }
    if (value === undefined || !isValue(value)) throw this.#missing(value, expectedOf({ layer, direction, kind }));
    this.#next += 1;
    this.#last = { layer, direction, kind };
    return valueTerm(this.#last, value);
  }

  /** A value alone: with the qualifiers of the one before it, or, as the first, a host. */
  #bare(word: Word): FilterExpression {
    const looksLikeValue = looksLikeAddress(word) || this.#last.kind?.startsWith('port') === true;
    if (!looksLikeValue) throw this.#surprise(word, A_TERM);
    this.#next += 1;
    return valueTerm(this.#last, word);
  }

  #vlan(): FilterExpression {
    this.#next += 1;
    const id = this.#peek();
    if (id === undefined || !/^\d/.test(id.text)) return { kind: 'vlan', id: undefined };
    this.#next += 1;
    return { kind: 'vlan', id: numberOf(id, 4095, 'a VLAN id from 0 to 4095') };
  }

  #layer(): Layer | undefined {
    const text = this.#peek()?.text;
    if (text === undefined || !isLayer(text)) return undefined;
    this.#next += 1;
    return text;
  }

  #direction(): Direction | undefined {
    const [first, between, second] = [0, 1, 2].map((ahead) => this.#words[this.#next + ahead]?.text);
    if (first !== 'src' && first !== 'dst') return undefined;
    if ((between === 'or' || between === 'and') && (second === 'src' || second === 'dst') && second !== first) {
      this.#next += 3;
      return `src ${between} dst`;
    }
    this.#next += 1;
    return first;
  }

  #kind(): Kind | undefined {
    const text = this.#peek()?.text;
    if (text === undefined || !isKind(text)) return undefined;
    this.#next += 1;
    return text;
  }

  #peek(): Word | undefined {
    return this.#words[this.#next];
  }

  #missing(word: Word | undefined, expected: string): Refusal {
    return word === undefined
      ? new Refusal(this.#end, 'the filter ends here', expected)
      : this.#surprise(word, expected);
  }

  #surprise(word: Word, expected: string): Refusal {
    return new Refusal(word.at, `"${word.text}" does not belong here`, expected, didYouMean(word.text, WORDS));
  }
}

function isValue(word: Word | undefined): boolean {
  return word !== undefined && !WORDS.includes(word.text) && !/^[()!&|]/.test(word.text);
}

function looksLikeAddress({ text }: Word): boolean {
  return /^\d|^[0-9a-f]{1,4}:/i.test(text);
}

function expectedAfter(layer: Layer | undefined): string {
  if (layer === 'tcp' || layer === 'udp') return '"port", "src", "dst", "and" or "or"';
  return layer === 'ether' ? '"host", "src", "dst" or "proto"' : '"host", "net", "src", "dst", "and" or "or"';
}

function isLayer(text: string): text is Layer {
  return LAYERS.has(text);
}

function isKind(text: string): text is Kind {
  return KINDS.has(text);
}

function expectedOf({ layer, kind }: Qualifiers): string {
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

function valueTerm(qualifiers: Qualifiers, value: Word): FilterExpression {
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

function numberOf({ text, at }: Word, highest: number, expected: string): number {
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
