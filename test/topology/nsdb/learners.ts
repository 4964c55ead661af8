import type { Uuid } from '../../../topology/model/ids.ts';
import { macOf, type Mac } from '../../../topology/model/mac.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';
import type { StateTable } from '../../../topology/nsdb/state-table.ts';
import { MAC_TABLE } from '../../../topology/nsdb/state-tables.ts';

/** Agents that learn stations of one network, each its own, while things break. What one has learned all must know in the end. */
export class Learners {
  readonly #tables: readonly StateTable<Mac, Uuid>[];
  readonly #port: Uuid;
  readonly #learned = new Set<Mac>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(handles: readonly Nsdb[], network: Uuid, port: Uuid) {
    this.#tables = handles.map((nsdb) => nsdb.table(MAC_TABLE, { owner: network, arg: 0 }));
    this.#port = port;
  }

  /** Stations that were learned so far; those refused for want of a link are not. */
  get learned(): number {
    return this.#learned.size;
  }

  /** Whether all know what was learned. */
  get agree(): boolean {
    return this.#tables.every((table) => this.agreesWith(table));
  }

  /** Whether a table has every station that was learned, and no other. */
  agreesWith(table: StateTable<Mac, Uuid>): boolean {
    return table.size === this.#learned.size && [...this.#learned].every((mac) => table.get(mac) === this.#port);
  }

  /** From now on each learns a station every tenth of a second. */
  start(): void {
    this.#timer = setInterval(() => this.learn(), 100);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Each learns one more. */
  learn(): void {
    for (const table of this.#tables) {
      const station = macOf(0x0200, ++this.#count);
      if (table.add(station, this.#port) === 'proposed') this.#learned.add(station);
    }
  }
}
