import { parseEntryName } from '../table-entry.ts';
import type { Operation } from './client/operation.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import type { Link } from './link.ts';
import { isLoss, isOffline } from './loss.ts';
import { isOvertaken } from './places.ts';
import type { TableDirectory } from './table-directory.ts';
import type { Watcher } from './watcher.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/** Entries written or removed in one multi. */
const BATCH = 500;

/** An entry that a table learned and has not taken back. */
export interface OwnEntry {
  readonly prefix: string;
  readonly text: string;
  /** Undefined until the database has answered. */
  name: string | undefined;
  version: number;
  /** Whether it was found in the directory: from then on its absence means that it is gone. */
  isSeen: boolean;
  /** Taken back before the database had answered. */
  isTakenBack: boolean;
}

/**
 * Writes and removes entries of a table that live in our session. What is asked for in one turn goes out in one multi; what is asked for
 * while the link is down, when it is up.
 */
export class EntryWriter {
  readonly #link: Link;
  readonly #directory: TableDirectory;
  readonly #table: Watcher;
  #creations: OwnEntry[] = [];
  #removals: string[] = [];
  /** Made perhaps: the answer was lost. */
  #unsure: OwnEntry[] = [];
  #isFlushing = false;

  /** @param table is marked when its owner is found missing, for it to look */
  constructor(link: Link, directory: TableDirectory, table: Watcher) {
    this.#link = link;
    this.#directory = directory;
    this.#table = table;
  }

  create(entry: OwnEntry): void {
    this.#creations.push(entry);
  }

  takeBack(entry: OwnEntry): void {
    entry.isTakenBack = true;
    if (entry.name === undefined) this.#creations = this.#creations.filter((other) => other !== entry);
    else this.#removals.push(entry.name);
  }

  /** Forgets all that was to be done. */
  clear(): void {
    this.#creations = [];
    this.#removals = [];
    this.#unsure = [];
  }

  /** What there is to do is done behind this turn, if the link is up. */
  schedule(): void {
    if (this.#isFlushing || !this.#link.isUp) return;
    this.#isFlushing = true;
    void this.#link.shared.activity.during(async () => {
      await Promise.resolve(); // for all that is proposed in this turn
      try {
        await this.#flush();
      } catch (cause) {
        if (!isLoss(cause) && !isOffline(cause)) this.#link.report(cause);
      } finally {
        this.#isFlushing = false;
      }
      if (this.#hasWork && !this.#table.isClosed) this.schedule();
    });
  }

  /** The link is up: what was asked for meanwhile goes out. */
  wake(): void {
    if (this.#hasWork) this.schedule();
  }

  /** The table was closed: what is left to be done is done at once, or as soon as the link is up. */
  close(): void {
    if (this.#hasWork) this.#link.whenUp(() => this.#flush());
  }

  /** Takes an entry for our own that begins as ours does and lives in our session, and that no table of this handle has. */
  async adopt(client: ZookeeperClient, entry: OwnEntry, names: readonly string[]): Promise<boolean> {
    for (const name of names) {
      if (!name.startsWith(entry.prefix) || this.#link.entries.has(this.#pathOf(name))) continue;
      // oxlint-disable-next-line eslint/no-await-in-loop -- few, and the first that fits ends it
      const { value } = await client.stat(this.#pathOf(name));
      if (value?.owner !== client.sessionName) continue;
      this.#made(entry, name);
      return true;
    }
    return false;
  }

  /** Writes what is to be written, batch by batch. What a lost answer leaves open is kept as unsure. */
  async send(client: ZookeeperClient): Promise<void> {
    while (this.#creations.length + this.#removals.length > 0) {
      const creations = this.#creations.splice(0, BATCH);
      const removals = this.#removals.splice(0, BATCH);
      const operations: readonly Operation[] = [
        ...creations.map(({ prefix }) => this.#creation(prefix)),
        ...removals.map((name): Operation => ({ kind: 'delete', path: this.#pathOf(name) })),
      ];
      try {
        // oxlint-disable-next-line eslint/no-await-in-loop -- entries get their numbers in the order of the proposals
        const names = await client.multi(operations);
        for (const [n, entry] of creations.entries()) this.#made(entry, names[n] ?? '');
        for (const name of removals) this.#link.entries.delete(this.#pathOf(name));
      } catch (cause) {
        this.#removals.unshift(...removals);
        if (isLoss(cause)) {
          this.#unsure.push(...creations);
          throw cause;
        }
        this.#creations.unshift(...creations.filter(({ isTakenBack }) => !isTakenBack));
        const failed = isOvertaken(cause) ? (cause.index ?? 0) - creations.length : -1;
        if (failed < 0) {
          if (!(cause instanceof ZookeeperError) || cause.fault !== 'no-node') throw cause;
          this.#directory.lost();
          return;
        }
        // oxlint-disable-next-line eslint/no-await-in-loop -- rare
        const { value } = await client.children(this.#directory.path ?? '');
        this.#forgetRemovals(new Set(value?.names));
      }
    }
  }

  get #hasWork(): boolean {
    return this.#creations.length + this.#removals.length + this.#unsure.length > 0;
  }

  async #flush(): Promise<void> {
    if (!(await this.#directory.attach())) {
      this.clear();
      this.#table.mark();
      return;
    }
    await this.#link.write(async (client) => {
      await this.#makeSure(client);
      await this.send(client);
    });
  }

  /** Finds out which entries were made though the answer was lost. */
  async #makeSure(client: ZookeeperClient): Promise<void> {
    if (this.#unsure.length === 0) return;
    const { value } = await client.children(this.#directory.path ?? '');
    while (this.#unsure.length > 0) {
      const [entry] = this.#unsure;
      // oxlint-disable-next-line eslint/no-await-in-loop -- an entry found for one is none for the next
      if (entry !== undefined && !(await this.adopt(client, entry, value?.names ?? [])) && !entry.isTakenBack) {
        this.#creations.push(entry);
      }
      this.#unsure.shift();
    }
  }

  #made(entry: OwnEntry, name: string): void {
    this.#link.entries.add(this.#pathOf(name));
    entry.name = name;
    entry.version = parseEntryName(name)?.version ?? -1;
    if (entry.isTakenBack) this.#removals.push(name);
  }

  /** What is not there need not be removed. */
  #forgetRemovals(there: ReadonlySet<string>): void {
    for (const name of this.#removals) if (!there.has(name)) this.#link.entries.delete(this.#pathOf(name));
    this.#removals = this.#removals.filter((name) => there.has(name));
  }

  #creation(prefix: string): Operation {
    return { kind: 'create', path: this.#pathOf(prefix), data: Buffer.alloc(0), mode: 'ephemeral-sequential' };
  }

  #pathOf(name: string): string {
    return `${this.#directory.path}/${name}`;
  }
}
