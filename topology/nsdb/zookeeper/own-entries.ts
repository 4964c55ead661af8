import type { Codec } from '../state-key.ts';
import type { Proposal } from '../state-table.ts';
import { entryPrefix, parseEntryName, PERSISTENT } from '../table-entry.ts';
import { EntryWriter, type OwnEntry } from './entry-writer.ts';
import type { Link } from './link.ts';
import type { Owned } from './owned.ts';
import type { TableDirectory } from './table-directory.ts';
import type { Watcher } from './watcher.ts';

/** What one table learned and has not taken back, by key: it lives in our session, and goes when somebody learns the key later. */
export class OwnEntries<K extends number | string> implements Owned {
  readonly #link: Link;
  readonly #key: Codec<K>;
  readonly #directory: TableDirectory;
  readonly #writer: EntryWriter;
  readonly #entries = new Map<K, OwnEntry>();

  constructor(link: Link, key: Codec<K>, directory: TableDirectory, table: Watcher) {
    this.#link = link;
    this.#key = key;
    this.#directory = directory;
    this.#writer = new EntryWriter(link, directory, table);
    link.own(this);
  }

  /** Which of a key's entries is ours; undefined where none is, or the database has not answered yet. */
  versionOf(key: K): number | undefined {
    const own = this.#entries.get(key);
    return own?.name === undefined ? undefined : own.version;
  }

  add(key: K, text: string): Proposal {
    const before = this.#entries.get(key);
    if (before?.text === text) return 'known';
    const prefix = entryPrefix(this.#key.format(key), text);
    const own: OwnEntry = { prefix, text, name: undefined, version: -1, isSeen: false, isTakenBack: false };
    this.#entries.set(key, own);
    this.#writer.create(own);
    if (before !== undefined) this.#writer.takeBack(before);
    this.#writer.schedule();
    return 'proposed';
  }

  /** @param text of the value that it must have, if any */
  remove(key: K, text: string | undefined): Proposal {
    const own = this.#entries.get(key);
    if (own === undefined || (text !== undefined && text !== own.text)) return 'refused';
    this.#entries.delete(key);
    this.#writer.takeBack(own);
    this.#writer.schedule();
    return 'proposed';
  }

  /**
   * Somebody has learned later what we learned: ours goes (spec 10 §5 rule 4). Or it went by another's hand.
   *
   * @param names all that are in the directory
   * @param shown the version of what shows for the key, if anything does
   */
  yield(key: K, names: ReadonlySet<string>, shown = PERSISTENT): void {
    const own = this.#entries.get(key);
    if (own?.name === undefined) return;
    const isThere = names.has(own.name);
    const isGone = own.isSeen && !isThere;
    own.isSeen ||= isThere;
    if (!isGone && (shown === PERSISTENT || shown <= own.version)) return;
    this.#entries.delete(key);
    if (!isGone) this.#writer.takeBack(own);
    this.#writer.schedule();
  }

  /** The link is up: what was taken back meanwhile goes, and what was left to be written comes. */
  wake(): void {
    this.#writer.wake();
  }

  /** A new session stands: what we learned is put back, but where another has learned the key since. */
  async putBack(): Promise<void> {
    const { client } = this.#link;
    this.#writer.clear();
    if (this.#directory.path === undefined) {
      for (const own of this.#entries.values()) this.#writer.create(own);
      return;
    }
    const { value } = await client.children(this.#directory.path);
    const names = value?.names ?? [];
    const learned = new Set<string>();
    for (const name of names) {
      const entry = parseEntryName(name);
      if (entry !== undefined && entry.version !== PERSISTENT) learned.add(entry.key);
    }
    for (const [key, own] of this.#entries) {
      own.name = undefined;
      own.isSeen = false;
      if (!learned.has(this.#key.format(key))) this.#writer.create(own);
      // Where the last attempt to put all back was cut short, some of it may be there.
      // oxlint-disable-next-line eslint/no-await-in-loop -- an entry found for one is none for the next
      else if (!(await this.#writer.adopt(client, own, names))) this.#entries.delete(key);
    }
    if (value !== undefined) await this.#writer.send(client);
  }

  /** Takes all back, as soon as the link is up. */
  close(): void {
    this.#link.disown(this);
    for (const own of this.#entries.values()) this.#writer.takeBack(own);
    this.#entries.clear();
    this.#writer.close();
  }
}
