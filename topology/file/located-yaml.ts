import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  type ParsedNode,
  type Scalar,
} from 'yaml';
import { type FileProblem, Problems } from './file-problem.ts';
import { parseDocument, YAML_LIMITS, type YamlLimits } from './yaml-document.ts';

/** A value of a YAML document, and where in the text it stands. An aliased value stands where its anchor is. */
export type Located = LocatedMap | LocatedList | LocatedScalar;

export interface LocatedMap {
  readonly kind: 'map';
  readonly at: number;
  /** By key as written, so that `10` and `1.10` are names like any other. */
  readonly entries: ReadonlyMap<string, LocatedEntry>;
}

interface LocatedEntry {
  readonly keyAt: number;
  readonly value: Located;
}

export interface LocatedList {
  readonly kind: 'list';
  readonly at: number;
  readonly items: readonly Located[];
}

interface LocatedScalar {
  readonly kind: 'scalar';
  readonly at: number;
  readonly value: string | number | boolean | null;
  /** As written, without quotes. */
  readonly text: string;
}

export type YamlReading =
  | { readonly ok: true; readonly root: Located; readonly problems: Problems }
  | { readonly ok: false; readonly errors: readonly FileProblem[] };

/**
 * Reads one YAML 1.2 document (core schema: `no` and `on` are words), keeping where everything stands.
 *
 * @param path the file's name in errors
 * @returns the root and a gatherer of problems that knows the text's lines; else what is wrong. Of broken syntax only the first
 *   fault is told: the others are mostly its echoes
 */
export function readLocatedYaml(text: string, path: string, limits: YamlLimits = YAML_LIMITS): YamlReading {
  const lines = new LineCounter();
  const problems = new Problems(path, (offset) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  });
  const document = parseDocument(text, lines, limits, problems);
  if (document !== undefined && !problems.hasErrors) {
    const root = new Conversion(limits, problems).rootOf(document);
    if (root !== undefined && !problems.hasErrors) return { ok: true, root, problems };
  }
  return { ok: false, errors: problems.errors() };
}

/** The value at a path of keys and indices; undefined where there is none. */
export function locate(root: Located, path: readonly (string | number)[]): Located | undefined {
  let node: Located | undefined = root;
  for (const step of path) node = stepInto(node, step)?.value;
  return node;
}

/** Where a path's last key stands (of a list's item: the item); undefined where the path leads nowhere. */
export function keyPlace(root: Located, path: readonly (string | number)[]): number | undefined {
  const last = path.at(-1);
  return last === undefined ? root.at : stepInto(locate(root, path.slice(0, -1)), last)?.keyAt;
}

function stepInto(node: Located | undefined, step: string | number): LocatedEntry | undefined {
  if (node?.kind === 'map') return node.entries.get(String(step));
  if (node?.kind !== 'list') return undefined;
  const item = node.items[Number(step)];
  return item && { keyAt: item.at, value: item };
}

/** One document on its way from the parser's nodes to ours. */
class Conversion {
  readonly #limits: YamlLimits;
  readonly #problems: Problems;
  readonly #anchors = new Map<string, { readonly node: Located; readonly count: number } | 'open'>();
  #count = 0;

  constructor(limits: YamlLimits, problems: Problems) {
    this.#limits = limits;
    this.#problems = problems;
  }

  rootOf(document: Document.Parsed): Located | undefined {
    return document.contents === null ? undefined : this.#valueOf(document.contents);
  }

  #valueOf(node: ParsedNode): Located {
    if (isAlias(node)) return this.#aliased(node);
    const before = this.#count;
    this.#counted(1, node.range[0]);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, 'open');
    const value = this.#contentsOf(node);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, { node: value, count: this.#count - before });
    return value;
  }

  #contentsOf(node: Exclude<ParsedNode, Alias.Parsed>): Located {
    const at = node.range[0];
    if (isScalar(node)) return scalarOf(node, at);
    if (isSeq<ParsedNode>(node)) {
      return { kind: 'list', at, items: node.items.map((item) => this.#valueOf(item)) };
    }
    const entries = new Map<string, LocatedEntry>();
    if (isMap<ParsedNode, ParsedNode | null>(node)) for (const pair of node.items) this.#enter(pair, entries);
    return { kind: 'map', at, entries };
  }

  #enter({ key, value }: Pair<ParsedNode, ParsedNode | null>, entries: Map<string, LocatedEntry>): void {
    const keyAt = key.range[0];
    const name = isAlias(key) ? this.#aliased(key) : isScalar(key) ? scalarOf(key, keyAt) : undefined;
    if (name?.kind !== 'scalar') {
      this.#problems.error(keyAt, { code: 'not-a-name', what: 'a list or a map is no key', expected: 'a name' });
      return;
    }
    const first = entries.get(name.text);
    if (first === undefined) {
      const nothing = { kind: 'scalar', at: keyAt, value: null, text: '' } as const;
      entries.set(name.text, { keyAt, value: value === null ? nothing : this.#valueOf(value) });
    } else {
      const what = `"${name.text}" is here for the second time, first at ${this.#problems.placed(first.keyAt)}`;
      this.#problems.error(keyAt, { code: 'duplicate-key', what, expected: 'each key once' });
    }
  }

  #aliased(alias: Alias.Parsed): Located {
    const at = alias.range[0];
    const target = this.#anchors.get(alias.source);
    if (target === undefined) {
      const what = `no anchor "&${alias.source}" stands before this alias`;
      this.#problems.error(at, { code: 'unknown-alias', what });
    } else if (target === 'open') {
      const what = `the alias "*${alias.source}" stands within what it stands for`;
      this.#problems.error(at, { code: 'endless-alias', what });
    } else {
      this.#counted(target.count, at);
      return target.node;
    }
    return { kind: 'scalar', at, value: null, text: '' };
  }

  #counted(values: number, at: number): void {
    const before = this.#count;
    this.#count += values;
    if (before > this.#limits.values || this.#count <= this.#limits.values) return;
    const what = `the file comes to more than ${this.#limits.values} values here, aliases counted for what they stand for`;
    this.#problems.error(at, { code: 'too-many-values', what });
  }
}

function scalarOf(node: Scalar.Parsed, at: number): LocatedScalar {
  const { value } = node;
  const text = node.source ?? JSON.stringify(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null) {
    return { kind: 'scalar', at, value, text };
  }
  return { kind: 'scalar', at, value: text, text };
}
