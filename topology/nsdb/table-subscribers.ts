import type { Observation } from './observation.ts';
import type { TableListener } from './state-table.ts';
import type { TableChange, TableReplica } from './table-replica.ts';

interface Subscriber<K, V> {
  readonly listener: TableListener<K, V>;
  /** Whether it was told of all entries: from then on it hears of changes. */
  isTold: boolean;
}

/** Who hears of a state table. Any listener may end its own observation, another's, or the table, while it is told. */
export class TableSubscribers<K extends number | string, V> {
  readonly #replica: TableReplica<K, V>;
  readonly #call: (listener: () => void) => void;
  readonly #all = new Set<Subscriber<K, V>>();

  /** @param call calls a listener, and outlives what it throws */
  constructor(replica: TableReplica<K, V>, call: (listener: () => void) => void) {
    this.#replica = replica;
    this.#call = call;
  }

  get listeners(): readonly TableListener<K, V>[] {
    return [...this.#all].map(({ listener }) => listener);
  }

  add(listener: TableListener<K, V>): Observation {
    const subscriber = { listener, isTold: false };
    this.#all.add(subscriber);
    return { close: () => void this.#all.delete(subscriber) };
  }

  clear(): void {
    this.#all.clear();
  }

  /** Tells of what the replica took in last: of all that it has, whoever is told for the first time. */
  tell(changes: readonly TableChange<K, V>[]): void {
    for (const subscriber of this.#all) {
      if (subscriber.isTold) this.#tellChanges(subscriber, changes);
      else this.#tellAll(subscriber);
    }
  }

  #tellChanges(subscriber: Subscriber<K, V>, changes: readonly TableChange<K, V>[]): void {
    for (const { key, now, old } of changes) {
      if (!this.#all.has(subscriber)) return;
      this.#call(() => subscriber.listener.changed(key, now, old));
    }
  }

  #tellAll(subscriber: Subscriber<K, V>): void {
    subscriber.isTold = true;
    for (const [key, value] of this.#replica.entries()) {
      if (!this.#all.has(subscriber)) return;
      this.#call(() => subscriber.listener.changed(key, value, undefined));
    }
    if (this.#all.has(subscriber)) this.#call(() => subscriber.listener.ready?.());
  }
}
