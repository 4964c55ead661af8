import { NsdbError } from '../nsdb-error.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import { isPartName } from './journal-parts.ts';
import { parseState, type JournalState, type Standing } from './journal-state.ts';
import { JOURNAL, JOURNAL_OWNER } from './tree.ts';
import type { Marked, Watches } from './watches.ts';

/** What a journal needs of whoever keeps it. */
export interface JournalKeeper {
  readonly client: ZookeeperClient;
  readonly watches: Watches;
  /** Names a node that was written by hand. */
  malformed(path: string, why: string): void;
}

/** What the journal's node says, as far as it has been read; and whether that may be out of date. */
export class JournalNode implements Marked {
  readonly #link: JournalKeeper;
  #now: Standing = { is: { state: 'clean' }, version: 0 };
  /** How often the node is known to have changed, and how much of that has been read. */
  #marks = 1;
  #read = 0;
  #reading: { readonly mark: number; readonly done: Promise<void> } | undefined;
  readonly #waiting: (() => void)[] = [];

  constructor(link: JournalKeeper) {
    this.#link = link;
    link.watches.add(JOURNAL, this);
    link.watches.add(JOURNAL_OWNER, this);
  }

  /** As last read. */
  get now(): Standing {
    return this.#now;
  }

  get isStale(): boolean {
    return this.#read < this.#marks;
  }

  /** The node has changed, or its owner. */
  mark(): void {
    this.outdate();
    for (const go of this.#waiting.splice(0)) go();
  }

  /** What was read is out of date. */
  outdate(): void {
    this.#marks++;
  }

  /** Resolves at the next {@link mark}. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Reads the node, once for all who ask. Until the answer is taken in, what was known counts as stale. */
  refresh(): Promise<void> {
    if (this.#reading?.mark !== this.#marks) {
      this.#reading = { mark: this.#marks, done: this.#readNow(this.#marks) };
    }
    return this.#reading.done;
  }

  reread(): Promise<void> {
    this.outdate();
    return this.refresh();
  }

  async #readNow(mark: number): Promise<void> {
    try {
      const { value } = await this.#link.client.data(JOURNAL, true);
      if (value === undefined) throw new NsdbError('invalid', `${JOURNAL} is missing: nothing can be read or written`);
      const is = parseState(value) ?? (await this.#withoutState());
      if (mark < this.#read) return; // a later answer is in already
      this.#now = { is, version: value.stat.version };
      this.#read = mark;
    } catch (cause) {
      this.outdate(); // so that whoever comes next reads anew
      throw cause;
    }
  }

  /** What noise in place of a state comes to: it hides nothing where no part of a large change is there. */
  async #withoutState(): Promise<JournalState> {
    this.#link.malformed(JOURNAL, 'holds no state of the journal');
    const { value } = await this.#link.client.children(JOURNAL);
    return { state: value?.names.some(isPartName) === true ? 'unreadable' : 'clean' };
  }
}
