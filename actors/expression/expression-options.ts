import type { Mac } from '../../topology/model/mac.ts';
import type { ExpressionCursor, Token } from './expression-cursor.ts';
import { meantOption, OPTIONS, optionsOf, parseTcpFlags, type OptionRule, type PacketKind } from './option-table.ts';
import type { ChecksumSaid } from './packet-expression.ts';

type Value =
  | { readonly form: 'number'; readonly number: number }
  | { readonly form: 'mac'; readonly mac: Mac }
  | { readonly form: 'octets'; readonly octets: Uint8Array }
  | { readonly form: 'checksum'; readonly checksum: ChecksumSaid }
  | { readonly form: 'fragment'; readonly offset: number; readonly more: boolean }
  | { readonly form: 'none' };

const NO_OCTETS = new Uint8Array(0);
const LARGEST_FRAGMENT_OFFSET = 8 * 0x1fff;

/** The options of one packet as they are met, before, between and behind its addresses. */
export class ExpressionOptions {
  readonly #cursor: ExpressionCursor;
  readonly #kind: PacketKind;
  readonly #values = new Map<string, { readonly value: Value; readonly token: Token }>();
  /** Tag control information, outermost tag first. */
  readonly vlans: number[] = [];
  /** Addresses said in place of options. */
  macs: { readonly src: Mac; readonly dst: Mac } | undefined;

  constructor(cursor: ExpressionCursor, kind: PacketKind) {
    this.#cursor = cursor;
    this.#kind = kind;
  }

  /** Takes words as long as they are options. */
  read(): void {
    for (let token = this.#cursor.peek(); token !== undefined; token = this.#cursor.peek()) {
      const equals = token.text.indexOf('=');
      if (equals < 0 && OPTIONS.get(token.text)?.value.form !== 'none') return;
      this.#cursor.take();
      this.#readOne(token, equals < 0 ? token.text.length : equals);
    }
  }

  /** Says that a word is no option, and which one may have been meant. */
  failUnknown(token: Token): undefined {
    const known = OPTIONS.get(token.text);
    if (known !== undefined) return this.#cursor.fail(token, `'${token.text}' has no value`, `${token.text}=…`);
    return this.#failName(token, token.text);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Where an option was said. */
  tokenOf(name: string): Token {
    return this.#values.get(name)?.token ?? { text: '', at: this.#cursor.text.length };
  }

  number(name: string): number | undefined {
    const value = this.#values.get(name)?.value;
    return value?.form === 'number' ? value.number : undefined;
  }

  mac(name: string): Mac | undefined {
    const value = this.#values.get(name)?.value;
    return value?.form === 'mac' ? value.mac : undefined;
  }

  checksum(name: string): ChecksumSaid | undefined {
    const value = this.#values.get(name)?.value;
    return value?.form === 'checksum' ? value.checksum : undefined;
  }

  get tcpFlags(): number | undefined {
    return this.number('flags');
  }

  get fragment(): { readonly offset: number; readonly more: boolean } | undefined {
    const value = this.#values.get('frag')?.value;
    return value?.form === 'fragment' ? value : undefined;
  }

  /** What `payload` says, or as many zeros as `len` does. */
  get payload(): Uint8Array {
    const value = this.#values.get('payload')?.value;
    if (value?.form === 'octets') return value.octets;
    const length = this.number('len');
    return length === undefined ? NO_OCTETS : new Uint8Array(length);
  }

  #readOne(token: Token, equals: number): void {
    const name = token.text.slice(0, equals);
    const rule = OPTIONS.get(name);
    if (rule === undefined || !rule.kinds.includes(this.#kind)) return this.#failName(token, name);
    if (rule.repeats !== true && this.#values.has(name))
      return this.#cursor.fail(token, `'${name}' is said twice`, 'it once');
    const other = name === 'len' ? 'payload' : name === 'payload' ? 'len' : undefined;
    if (other !== undefined && this.#values.has(other))
      return this.#cursor.fail(token, `'${name}' and '${other}' both tell the length`, 'one of them');
    const text = token.text.slice(equals + 1);
    const said = { text, at: token.at + equals + 1 };
    if (rule.value.form === 'none' && equals < token.text.length)
      return this.#cursor.fail(token, `'${name}' takes no value`, `'${name}' alone`);
    const value = this.#readValue(name, said, rule);
    if (value !== undefined) this.#values.set(name, { value, token });
    return undefined;
  }

  #failName(token: Token, name: string): undefined {
    const head = { text: name, at: token.at };
    const meant = meantOption(name, this.#kind);
    const message = OPTIONS.has(name)
      ? `'${name}' is not for ${this.#kind} packets`
      : `'${name}' is not an option of ${this.#kind} packets`;
    return this.#cursor.fail(head, message, `one of ${optionsOf(this.#kind).join(', ')}`, meant);
  }

  #readValue(name: string, said: Token, { value }: OptionRule): Value | undefined {
    switch (value.form) {
      case 'none':
        return { form: 'none' };
      case 'number': {
        const number = this.#cursor.number(said, value.most.get(this.#kind) ?? 0, `value of '${name}'`);
        return number === undefined ? undefined : { form: 'number', number };
      }
      case 'flags': {
        const number = parseTcpFlags(said.text);
        if (number !== undefined) return { form: 'number', number };
        return this.#cursor.fail(
          said,
          `'${said.text}' are no TCP flags`,
          'names such as syn,ack, or letters such as SA',
        );
      }
      case 'mac': {
        const mac = this.#cursor.mac(said);
        return mac === undefined ? undefined : { form: 'mac', mac };
      }
      case 'vlan':
        return this.#readVlan(said);
      case 'fragment':
        return this.#readFragment(said);
      case 'checksum':
        return this.#readChecksum(said);
      case 'octets':
        break;
    }
    return this.#readOctets(said);
  }

  /** `10`, or `10p3` with a priority. */
  #readVlan(said: Token): Value | undefined {
    const match = /^(\d{1,4})(?:p([0-7]))?$/.exec(said.text);
    const id = match === null ? 4096 : Number(match[1]);
    if (id > 4095)
      return this.#cursor.fail(
        said,
        `'${said.text}' is not a VLAN`,
        'a number from 0 to 4095, or with a priority such as 10p3',
      );
    this.vlans.push((Number(match?.[2] ?? 0) << 13) | id);
    return { form: 'none' };
  }

  /** `0+`, `1480`: where the fragment begins, and whether more follow. */
  #readFragment(said: Token): Value | undefined {
    const match = /^(\d{1,5})(\+?)$/.exec(said.text);
    const offset = match === null ? 1 : Number(match[1]);
    if (offset % 8 === 0 && offset <= LARGEST_FRAGMENT_OFFSET)
      return { form: 'fragment', offset, more: match?.[2] === '+' };
    return this.#cursor.fail(
      said,
      `'${said.text}' is no place of a fragment`,
      `octets, a multiple of 8 up to ${LARGEST_FRAGMENT_OFFSET}, and + if more fragments follow: 0+, 1480`,
    );
  }

  #readChecksum(said: Token): Value | undefined {
    if (said.text === 'bad') return { form: 'checksum', checksum: 'bad' };
    if (said.text === 'right') return { form: 'checksum', checksum: 'right' };
    if (said.text === 'none') return { form: 'checksum', checksum: 0 };
    const isNumber = /^(0x|\d)/i.test(said.text);
    const number = isNumber ? this.#cursor.number(said, 0xffff, 'checksum') : undefined;
    if (number !== undefined) return { form: 'checksum', checksum: number };
    return this.#cursor.fail(said, `'${said.text}' is not a checksum`, 'bad, right, none, or a number');
  }

  /** `"text"` with `\n`, `\r`, `\t`, `\0`, `\"`, `\\` and `\xNN`; or hexadecimal. */
  #readOctets(said: Token): Value | undefined {
    if (!said.text.startsWith('"')) {
      if (/^([0-9a-f]{2})+$/i.test(said.text))
        return { form: 'octets', octets: Uint8Array.from(Buffer.from(said.text, 'hex')) };
      return this.#cursor.fail(said, `'${said.text}' is no payload`, 'octets in hexadecimal, or "text"');
    }
    if (!/^"(?:[^"\\]|\\.)*"$/.test(said.text))
      return this.#cursor.fail(said, 'the text has no end', 'a quotation mark behind it');
    const octets: number[] = [];
    for (const match of said.text.slice(1, -1).matchAll(ESCAPES)) {
      const [text, hex, escaped, plain] = match;
      const meant = escaped === undefined ? plain : ESCAPED.get(escaped);
      if (hex !== undefined) octets.push(Number.parseInt(hex, 16));
      else if (meant !== undefined) octets.push(...UTF8.encode(meant));
      else return this.#cursor.fail({ text, at: said.at + 1 + match.index }, `'${text}' is no escape`, KNOWN_ESCAPES);
    }
    return { form: 'octets', octets: Uint8Array.from(octets) };
  }
}

const ESCAPES = /\\(?:x([0-9a-fA-F]{2})|(.))|([^\\]+)/gu;
const KNOWN_ESCAPES = String.raw`\n, \r, \t, \0, \", \\, or \x and two hexadecimal digits`;
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['0', '\0'],
  ['"', '"'],
  ['\\', '\\'],
]);
const UTF8 = new TextEncoder();
