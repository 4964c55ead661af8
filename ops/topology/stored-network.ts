import { CLASSES, type ClassName } from '../../topology/model/bindings.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import { isDescribed } from '../../topology/file/described-fields.ts';
import type { Nsdb, NsdbObject } from '../../topology/nsdb/nsdb.ts';
import { NsdbError } from '../../topology/nsdb/nsdb-error.ts';
import type { ObjectName } from '../../topology/nsdb/plan/plan.ts';
import type { EntryText, TableName } from '../../topology/nsdb/plan/plan-entries.ts';
import { HOST_ALIVE } from '../../topology/nsdb/state-keys.ts';
import type { TableKind } from '../../topology/nsdb/state-table.ts';
import { IP4_MAC_TABLE, MAC_TABLE } from '../../topology/nsdb/state-tables.ts';

/** What a database has, of all that matters to a topology file. */
export interface StoredNetwork {
  readonly objects: readonly NsdbObject[];
  /** Objects whose record cannot be read. */
  readonly unreadable: readonly ObjectName[];
  /** The persistent entries of bridges. */
  readonly entries: readonly EntryText[];
  /** Hosts whose agents run. */
  readonly alive: ReadonlySet<Uuid>;
}

/**
 * Reads the network that a database has. Each class of objects is seen as at one moment; the classes one after another.
 *
 * @param reports what the handle reports to
 * @param isWhole whether classes are read too that no topology file describes
 * @throws NsdbError
 */
export async function readNetwork(nsdb: Nsdb, reports: Reports, isWhole: boolean): Promise<StoredNetwork> {
  reports.forget();
  const classes: readonly ClassName[] = isWhole ? CLASSES : CLASSES.filter(isDescribed);
  const objects = (await Promise.all(classes.map((cls) => nsdb.list(cls)))).flat();
  const bridges = objects.filter(({ class: cls }) => cls === 'Network');
  const hosts = objects.filter(({ class: cls }) => cls === 'Host');
  const [entries, lives] = await Promise.all([
    Promise.all(
      bridges.flatMap(({ id }) => [
        entriesOf(nsdb, MAC_TABLE, 'mac_table', id),
        entriesOf(nsdb, IP4_MAC_TABLE, 'ip4_mac_table', id),
      ]),
    ),
    Promise.all(hosts.map(({ id }) => isAlive(nsdb, id))),
  ]);
  return {
    objects,
    unreadable: reports.unreadable(),
    entries: entries.flat(),
    alive: new Set(hosts.filter((_, n) => lives[n]).map(({ id }) => id)),
  };
}

/** Hears what a handle reports: tells each thing once, and remembers which objects cannot be read. */
export class Reports {
  readonly #told = new Set<string>();
  readonly #unreadable = new Map<string, ObjectName>();
  readonly #tell: (message: string) => void;

  constructor(tell: (message: string) => void) {
    this.#tell = tell;
  }

  readonly report = (cause: unknown): void => {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof NsdbError) {
      const { class: cls, id } = cause.place;
      if (cls !== undefined && id !== undefined) this.#unreadable.set(`${cls}/${id}`, { class: cls, id });
    }
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#tell(message);
  };

  /** What could not be read may have been mended since. */
  forget(): void {
    this.#unreadable.clear();
  }

  unreadable(): readonly ObjectName[] {
    return [...this.#unreadable.values()];
  }
}

async function entriesOf<K extends number | string, V>(
  nsdb: Nsdb,
  kind: TableKind<K, V>,
  table: TableName,
  owner: Uuid,
): Promise<readonly EntryText[]> {
  const entries = await nsdb.persistentEntries(kind, owner);
  return entries.map(({ arg, key, value }) => ({
    table,
    owner,
    arg,
    key: kind.key.format(key),
    value: kind.value.format(value),
  }));
}

async function isAlive(nsdb: Nsdb, host: Uuid): Promise<boolean> {
  try {
    return (await nsdb.state(HOST_ALIVE, { namespace: host, id: host })).length > 0;
  } catch (cause) {
    if (cause instanceof NsdbError && cause.fault === 'not-found') return false; // deleted meanwhile
    throw cause;
  }
}
