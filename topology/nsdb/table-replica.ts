import type { Codec } from './state-key.ts';
import { PERSISTENT, parseEntryName } from './table-entry.ts';

/** What a batch of names did to one key. */
export interface TableChange<K, V> {
  readonly key: K;
  readonly now: V | undefined;
  readonly old: V | undefined;
}

/** One entry of a key: the text of its value, and which of several it is. */
interface Candidate<V> {
  readonly text: string;
  readonly value: V;
  readonly version: number;
}

/** The entries of one key; the first is the one that shows. */
type Contest<V> = [Candidate<V>, ...Candidate<V>[]];

/**
 * A copy of a state table, kept from the names of its entries as they come and go (spec 10 §5 rules 1, 2 and 8): pure, and the same
 * for every database. Which names came it learns from whoever watches the directory.
 */
export class TableReplica<K extends number | string, V> {
  readonly #key: Codec<K>;
  readonly #value: Codec<V>;
  readonly #contests = new Map<K, Contest<V>>();
  readonly #malformed = new Set<string>();

  constructor(key: Codec<K>, value: Codec<V>) {
    this.#key = key;
    this.#value = value;
  }

  get size(): number {
    return this.#contests.size;
  }

  /** How many names of the directory could not be read. */
  get malformed(): number {
    return this.#malformed.size;
  }

  /** Whether a name is in the directory, and could not be read. */
  isMalformed(name: string): boolean {
    return this.#malformed.has(name);
  }

  get(key: K): V | undefined {
    return this.#contests.get(key)?.[0].value;
  }

  /** The text and version of what shows for a key. */
  shown(key: K): { readonly text: string; readonly version: number } | undefined {
    return this.#contests.get(key)?.[0];
  }

  *entries(): IterableIterator<readonly [K, V]> {
    for (const [key, [{ value }]] of this.#contests) yield [key, value];
  }

  /**
   * Takes in names that came to the directory, in the order read, and names that went.
   *
   * @param touched hears of each key that a name was about, whether or not it changed for readers
   * @returns what differs for readers, once per key, in the order in which the keys were first touched. A value replaced by an
   *   equal one is no difference
   */
  apply(came: Iterable<string>, went: Iterable<string>, touched?: (key: K) => void): readonly TableChange<K, V>[] {
    const before = new Map<K, Candidate<V> | undefined>();
    for (const name of went) this.#take(name, before, (key, entry) => this.#without(key, entry));
    for (const name of came) this.#take(name, before, (key, entry) => this.#with(key, entry));
    const changes: TableChange<K, V>[] = [];
    for (const [key, old] of before) {
      touched?.(key);
      const now = this.#contests.get(key)?.[0];
      if (now?.text !== old?.text) changes.push({ key, now: now?.value, old: old?.value });
    }
    return changes;
  }

  #take(
    name: string,
    before: Map<K, Candidate<V> | undefined>,
    change: (key: K, candidate: Candidate<V>) => void,
  ): void {
    const entry = parseEntryName(name);
    const key = entry && this.#key.parse(entry.key);
    const value = entry && this.#value.parse(entry.value);
    if (entry === undefined || key === undefined || value === undefined) {
      if (!this.#malformed.delete(name)) this.#malformed.add(name);
      return;
    }
    if (!before.has(key)) before.set(key, this.#contests.get(key)?.[0]);
    change(key, { text: entry.value, value, version: entry.version });
  }

  #with(key: K, candidate: Candidate<V>): void {
    const contest = this.#contests.get(key);
    if (contest === undefined) {
      this.#contests.set(key, [candidate]);
      return;
    }
    const at = contest.findIndex((other) => beats(candidate, other));
    contest.splice(at === -1 ? contest.length : at, 0, candidate);
  }

  #without(key: K, { text, version }: Candidate<V>): void {
    const contest = this.#contests.get(key);
    const at = contest?.findIndex((other) => other.version === version && other.text === text) ?? -1;
    if (contest === undefined || at === -1) return;
    if (contest.length === 1) this.#contests.delete(key);
    else contest.splice(at, 1);
  }
}

/** Learned before persistent; the latest learned first; of persistent ones the one read first stays (spec 10 §5 rule 2). */
function beats({ version }: { readonly version: number }, other: { readonly version: number }): boolean {
  return version !== PERSISTENT && (other.version === PERSISTENT || version > other.version);
}
