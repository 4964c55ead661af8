import { type JsonSchema, type JsonType, type Schema, typesOf } from '../model/schema/json-schema.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Complaint, Problems } from './file-problem.ts';
import type { Located, LocatedList, LocatedMap } from './located-yaml.ts';

/** What is wrong with a text, as far as can be said: `what` follows the quoted text, as in `"10.0.0.300": 300 is above 255`. */
export interface TextFault {
  readonly what?: string;
  readonly didYouMean?: string | undefined;
}

/** Looks closer at texts than a pattern can. Keyed by the schema's title; asked before its pattern. */
export type TextRules = ReadonlyMap<string, (text: string) => TextFault | undefined>;

/** A value that has the shape of a schema; or what of it has, the rest left out: a key whose value is wrong, a list with such an entry. */
export type Shaped<T> =
  | { readonly isSound: true; readonly value: T }
  | {
      readonly isSound: false;
      /** Undefined when nothing that is required may be left out. */
      readonly part: T | undefined;
      /** The keys and indices of what is wrong, from the root. */
      readonly faults: readonly FaultPath[];
    };

export type FaultPath = readonly (string | number)[];

/**
 * Checks that a value has the shape of a schema, and gives it as plain data.
 *
 * Tells one error for each cause: a misspelt key is not also a missing one, and nothing is said about what lies below it.
 *
 * @param problems gets what is wrong
 */
export function checkShape<T>(
  root: Located,
  schema: Schema<T>,
  problems: Problems,
  rules: TextRules = new Map(),
): Shaped<T> {
  const check = new ShapeCheck(problems, rules);
  const value = check.valueOf(root, schema, undefined);
  const { faults } = check;
  /* oxlint-disable typescript/no-unsafe-type-assertion -- the check has just established what the type says */
  if (faults.length === 0) return { isSound: true, value: value as T };
  return { isSound: false, part: value === LEFT_OUT ? undefined : (value as T), faults };
  /* oxlint-enable typescript/no-unsafe-type-assertion */
}

/** Stands for a value that is wrong. */
const LEFT_OUT = Symbol('left out');

class ShapeCheck {
  readonly faults: FaultPath[] = [];
  /** Where the check is. */
  readonly #path: (string | number)[] = [];
  readonly #problems: Problems;
  readonly #rules: TextRules;
  readonly #patterns = new Map<string, RegExp>();

  constructor(problems: Problems, rules: TextRules) {
    this.#problems = problems;
    this.#rules = rules;
  }

  /** @param label what the value is called, as in `"ports"`; undefined for the root */
  valueOf(node: Located, schema: JsonSchema, label: string | undefined): unknown {
    if (schema.anyOf !== undefined) return this.#anyOf(node, schema, schema.anyOf, label);
    const types = typesOf(schema);
    if (types.length > 0 && !types.some((type) => isOfType(node, type))) return this.#mistyped(node, schema, label);
    if (node.kind === 'map') return this.#map(node, schema, label);
    if (node.kind === 'list') return this.#list(node, schema, label);
    const before = this.faults.length;
    if (typeof node.value === 'string') this.#text(node.value, node.at, schema, label);
    if (typeof node.value === 'number') this.#number(node.value, node.at, schema, label);
    return this.faults.length === before ? node.value : LEFT_OUT;
  }

  /** @param step the key or index of the value */
  #below(step: string | number, node: Located, schema: JsonSchema, label: string): unknown {
    this.#path.push(step);
    const value = this.valueOf(node, schema, label);
    this.#path.pop();
    return value;
  }

  #list({ at, items }: LocatedList, schema: JsonSchema, label: string = 'the list'): unknown {
    const { minItems = 0, maxItems = Infinity, items: each = {} } = schema;
    if (items.length < minItems || items.length > maxItems) {
      const what = `${label} has ${items.length} ${items.length === 1 ? 'entry' : 'entries'}`;
      this.#error(at, { code: 'wrong-count', what, expected: titleOf(schema) });
      return LEFT_OUT;
    }
    const values = items.map((item, index) => this.#below(index, item, each, `${label}, entry ${index + 1},`));
    return values.includes(LEFT_OUT) ? LEFT_OUT : values;
  }

  #anyOf(node: Located, schema: JsonSchema, choices: readonly JsonSchema[], label: string | undefined): unknown {
    const choice = choices.find((each) => typesOf(each).some((type) => isOfType(node, type)));
    if (choice !== undefined) return this.valueOf(node, choice, label);
    const expected = schema.title ?? choices.map((each) => titleOf(each)).join(' or ');
    return this.#mistyped(node, { ...schema, title: expected }, label);
  }

  #mistyped(node: Located, schema: JsonSchema, label: string | undefined): typeof LEFT_OUT {
    const types = typesOf(schema);
    const title = titleOf(schema);
    const isUnquoted =
      types.includes('string') && node.kind === 'scalar' && node.value !== null && this.#fits(node.text, schema);
    const isMap = types.includes('object') && !title.startsWith('a map');
    this.#error(node.at, {
      code: 'wrong-type',
      what: `${label ?? 'the file'} is ${kindOf(node)}`,
      expected: isUnquoted ? `quotes around it, as this is a text` : isMap ? `${title}, which is a map` : title,
      didYouMean: types.includes('boolean') ? truthOf(node) : undefined,
    });
    return LEFT_OUT;
  }

  #map(node: LocatedMap, schema: JsonSchema, label: string | undefined): unknown {
    const { properties = {}, additionalProperties, propertyNames, required = [] } = schema;
    const value: Record<string, unknown> = {};
    const meant = new Set<string | undefined>();
    for (const [key, entry] of node.entries) {
      const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (property !== undefined) {
        assign(value, key, this.#below(key, entry.value, property, `"${key}"`));
      } else if (typeof additionalProperties === 'object') {
        const isNamed = propertyNames === undefined || this.#isName(key, entry.keyAt, propertyNames);
        const below = this.#below(key, entry.value, additionalProperties, `"${key}"`);
        if (isNamed) assign(value, key, below);
      } else if (additionalProperties === false) {
        meant.add(this.#unknownKey(key, entry.keyAt, schema, Object.keys(properties), node));
      } else {
        assign(value, key, this.#below(key, entry.value, {}, `"${key}"`));
      }
    }
    let isWhole = true;
    for (const key of required) {
      isWhole &&= Object.hasOwn(value, key);
      if (node.entries.has(key) || meant.has(key)) continue;
      const property = properties[key];
      const what = `${label ?? 'the file'} has no "${key}"`;
      this.#error(node.at, { code: 'missing-key', what, expected: property && `"${key}": ${titleOf(property)}` });
    }
    return isWhole ? value : LEFT_OUT;
  }

  /** Whether a key is one that the schema of names admits. */
  #isName(key: string, at: number, schema: JsonSchema): boolean {
    const before = this.faults.length;
    this.#path.push(key);
    this.#text(key, at, schema, undefined);
    this.#path.pop();
    return this.faults.length === before;
  }

  #unknownKey(
    key: string,
    at: number,
    schema: JsonSchema,
    known: readonly string[],
    node: LocatedMap,
  ): string | undefined {
    const free = known.filter((name) => !node.entries.has(name));
    const guess = didYouMean(key, free);
    const what = `${titleOf(schema)} has no "${key}"`;
    const expected = known.length === 1 ? `"${known.join('')}"` : `one of ${known.join(', ')}`;
    this.#path.push(key);
    this.#error(at, { code: 'unknown-key', what, expected, didYouMean: guess });
    this.#path.pop();
    return guess;
  }

  #text(text: string, at: number, schema: JsonSchema, label: string | undefined): void {
    const { pattern, maxLength, title = '' } = schema;
    if (schema.enum !== undefined && !schema.enum.includes(text)) {
      const guess = didYouMean(text, schema.enum);
      this.#error(at, this.#textFault(text, label, schema, 'wrong-word', { didYouMean: guess }));
      return;
    }
    if (maxLength !== undefined && text.length > maxLength) {
      const what = `"${text.slice(0, 20)}..." has ${text.length} characters`;
      this.#error(at, { code: 'too-long', what, expected: `at most ${maxLength}` });
      return;
    }
    if (pattern === undefined) return;
    const fault = this.#rules.get(title)?.(text) ?? (this.#patternOf(pattern).test(text) ? undefined : {});
    if (fault !== undefined) this.#error(at, this.#textFault(text, label, schema, 'wrong-text', fault));
  }

  #textFault(text: string, label: string | undefined, schema: JsonSchema, code: string, fault: TextFault): Complaint {
    const told = label === undefined ? `"${text}"` : `${label} is "${text}"`;
    const what = fault.what === undefined ? told : `${told}: ${fault.what}`;
    return {
      code,
      what: fault.what === undefined && label === undefined ? `"${text}" is not ${titleOf(schema)}` : what,
      expected: fault.what === undefined && label === undefined ? undefined : titleOf(schema),
      didYouMean: fault.didYouMean,
    };
  }

  #number(value: number, at: number, schema: JsonSchema, label: string | undefined): void {
    const { minimum = -Infinity, maximum = Infinity } = schema;
    if (value >= minimum && value <= maximum) return;
    const what = `${label ?? 'the number'} is ${value}`;
    this.#error(at, { code: 'out-of-range', what, expected: titleOf(schema) });
  }

  #fits(text: string, { pattern, title = '' }: JsonSchema): boolean {
    if (this.#rules.get(title)?.(text) !== undefined) return false;
    return pattern === undefined || this.#patternOf(pattern).test(text);
  }

  #patternOf(pattern: string): RegExp {
    const known = this.#patterns.get(pattern);
    if (known !== undefined) return known;
    const made = new RegExp(pattern, 'u');
    this.#patterns.set(pattern, made);
    return made;
  }

  #error(at: number, complaint: Complaint): void {
    this.faults.push([...this.#path]);
    this.#problems.error(at, complaint);
  }
}

function isOfType(node: Located, type: JsonType): boolean {
  if (node.kind === 'map') return type === 'object';
  if (node.kind === 'list') return type === 'array';
  if (node.value === null) return type === 'null';
  return type === 'integer' ? Number.isInteger(node.value) : typeof node.value === type;
}

function kindOf(node: Located): string {
  if (node.kind === 'map') return 'a map';
  if (node.kind === 'list') return 'a list';
  if (node.value === null) return 'empty';
  if (typeof node.value === 'string') return `the text "${node.text}"`;
  return typeof node.value === 'number' ? `the number ${node.text}` : node.text;
}

function titleOf(schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.enum !== undefined)
    return schema.enum.length === 1 ? schema.enum.join('') : `one of ${schema.enum.join(', ')}`;
  return typesOf(schema).join(' or ');
}

/** The YAML 1.2 word for what YAML 1.1 took for a truth value. */
function truthOf(node: Located): string | undefined {
  if (node.kind !== 'scalar') return undefined;
  if (/^(y|yes|on|true)$/i.test(node.text)) return 'true';
  return /^(n|no|off|false)$/i.test(node.text) ? 'false' : undefined;
}

/** Sets an own property, whatever it is called: `__proto__` is a name like others; none for a value that is left out. */
function assign(object: Record<string, unknown>, key: string, value: unknown): void {
  if (value === LEFT_OUT) return;
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
