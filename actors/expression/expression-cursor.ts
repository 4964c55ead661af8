import { parseIpv4, type Ipv4 } from '../../topology/model/ipv4.ts';
import { parseMac, type Mac } from '../../topology/model/mac.ts';
import type { ExpressionProblem } from './expression-problem.ts';

/** A word of an expression and where it stands. */
export interface Token {
  readonly text: string;
  readonly at: number;
}

/** A word: no blanks and no `>`, except between quotation marks. */
const TOKENS = />|(?:[^\s>"]|"(?:[^"\\]|\\.)*"?)+/g;

/**
 * Reads an expression word by word, and keeps the first thing found wrong. Reading methods give undefined from there on, so a
 * parser need not look after each step.
 */
export class ExpressionCursor {
  readonly text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #problem: ExpressionProblem | undefined;

  constructor(text: string) {
    this.text = text;
    this.#tokens = Array.from(text.matchAll(TOKENS), (match) => ({ text: match[0], at: match.index }));
  }

  get problem(): ExpressionProblem | undefined {
    return this.#problem;
  }

  /** The next word without taking it; undefined at the end, and once something was wrong. */
  peek(): Token | undefined {
    return this.#problem === undefined ? this.#tokens[this.#next] : undefined;
  }

  take(): Token | undefined {
    const token = this.peek();
    if (token !== undefined) this.#next++;
    return token;
  }

  /** Takes the next word, whose absence is a fault. */
  need(expected: string): Token | undefined {
    const token = this.take();
    if (token === undefined)
      this.fail({ text: '', at: this.text.trimEnd().length }, 'the packet ends too early', expected);
    return token;
  }

  /** Takes the next word if it is this one. */
  takeWord(word: string): boolean {
    if (this.peek()?.text !== word) return false;
    this.#next++;
    return true;
  }

  /** Takes the next word, which has to be one of these. */
  needWord(...words: readonly string[]): string | undefined {
    const expected = words.map((word) => `'${word}'`).join(' or ');
    const token = this.need(expected);
    if (token === undefined || words.includes(token.text)) return token?.text;
    return this.fail(token, `'${token.text}' makes no sense here`, expected);
  }

  needIpv4(expected = 'an IPv4 address such as 10.0.1.10'): Ipv4 | undefined {
    const token = this.need(expected);
    return token && this.ipv4(token, expected);
  }

  ipv4(token: Token, expected = 'an IPv4 address such as 10.0.1.10'): Ipv4 | undefined {
    const address = parseIpv4(token.text);
    if (address !== undefined) return address;
    if (/^\[?[0-9a-f]*:[0-9a-f:]*:/i.test(token.text))
      return this.fail(
        token,
        'IPv6 addresses are not understood here',
        'an IPv4 address; or the frame as hex, or as FILE#N',
      );
    return this.fail(token, `'${token.text}' is not an IPv4 address`, expected);
  }

  needMac(): Mac | undefined {
    const token = this.need('a MAC address such as 02:00:00:00:00:0a');
    return token && this.mac(token);
  }

  mac(token: Token): Mac | undefined {
    const expected = 'six octets in hexadecimal such as 02:00:00:00:00:0a';
    return parseMac(token.text) ?? this.fail(token, `'${token.text}' is not a MAC address`, expected);
  }

  /** A number in decimal or, after `0x`, in hexadecimal. */
  number(token: Token, most: number, what: string): number | undefined {
    const value = /^(\d{1,10}|0x[0-9a-f]{1,8})$/i.test(token.text) ? Number(token.text) : Number.NaN;
    if (value <= most) return value;
    return this.fail(token, `'${token.text}' is not a ${what}`, `a number from 0 to ${most}`);
  }

  /** Keeps what is wrong, unless something was before. */
  fail(token: Token, message: string, expected?: string, didYouMean?: string): undefined {
    this.#problem ??= { kind: 'problem', at: token.at, length: token.text.length, message, expected, didYouMean };
  }
}
