import type { Timers } from '../../model/timers.ts';
import type { NsdbOptions } from '../nsdb.ts';
import type { RunDatabase } from '../run-database.ts';
import { EmbeddedNsdb } from './embedded-nsdb.ts';
import { Stores } from './stores.ts';

/**
 * A network state database in this process: the semantics of the real one, on whatever clock it is given. Several handles share
 * it, each with a session of its own, as agents share an ensemble. What happens in it depends on the calls and the clock alone.
 */
export class EmbeddedDatabase implements RunDatabase {
  readonly #stores: Stores;
  readonly #handles: EmbeddedNsdb[] = [];

  constructor(timers: Timers) {
    this.#stores = new Stores(timers);
  }

  /** Whether nothing asked of any handle is under way, and no listener has still to be told. */
  get idle(): boolean {
    return this.#stores.deliveries.idle;
  }

  /** See {@link Nsdb.settled}. */
  settled(): Promise<void> {
    return this.#stores.deliveries.settled();
  }

  /** A new handle, connected. */
  open(name: string, options: NsdbOptions = {}): EmbeddedNsdb {
    const nsdb = new EmbeddedNsdb(this.#stores, name, options);
    this.#handles.push(nsdb);
    return nsdb;
  }

  async close(): Promise<void> {
    await Promise.all(this.#handles.map((nsdb) => nsdb.close()));
  }

  /** All that is in it, in lines: equal lines, equal databases. */
  dump(): Iterable<string> {
    return this.#stores.dump();
  }

  /** Writes the name of a table's entry as it is, be it nonsense, as a hand in the tree would. For tests. */
  plant(path: string, name: string): void {
    this.#stores.directoryAt(path)?.put(name);
  }
}
