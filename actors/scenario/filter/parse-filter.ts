import { didYouMean } from '../../../topology/file/did-you-mean.ts';
import type { Direction, FilterExpression } from './filter-expression.ts';
import { expectedOf, numberOf, valueTerm } from './filter-values.ts';
import { type FilterFault, type Kind, type Layer, NONE, Refusal, type Word } from './filter-words.ts';

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

const LAYERS: ReadonlySet<string> = new Set<Layer>(['ether', 'ip', 'ip6', 'arp', 'tcp', 'udp', 'icmp', 'icmp6']);
const KINDS: ReadonlySet<string> = new Set<Kind>(['host', 'net', 'port', 'portrange', 'proto']);
const OTHERS = ['src', 'dst', 'and', 'or', 'not', 'vlan', 'broadcast', 'multicast'];
const WORDS: readonly string[] = [...LAYERS, ...KINDS, ...OTHERS];
const A_TERM = 'a term, such as tcp, host 10.0.0.1 or port 53';

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
