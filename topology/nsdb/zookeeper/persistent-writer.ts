import { encodeName } from '../paths.ts';
import { entryName, parseEntryName, PERSISTENT } from '../table-entry.ts';
import { writeFenced } from './fenced.ts';
import type { Link } from './link.ts';
import { isOvertaken } from './places.ts';
import type { TableDirectory } from './table-directory.ts';

/** Attempts to write where several handles write at once. */
const ATTEMPTS = 10;

/** What becomes of the persistent entries of a key, by their names. */
interface PersistentChange {
  readonly removed: readonly string[];
  readonly made: readonly string[];
}

/** Writes and removes entries of a table that outlive sessions. A table that is no more rejects by {@link TableDirectory.gone}. */
export class PersistentWriter {
  readonly #link: Link;
  readonly #directory: TableDirectory;

  constructor(link: Link, directory: TableDirectory) {
    this.#link = link;
    this.#directory = directory;
  }

  /** Writes an entry in place of the key's former one. */
  async put(key: string, value: string): Promise<void> {
    const name = entryName({ key, value, version: PERSISTENT });
    await this.#change(key, (persistent) => ({
      removed: persistent.filter((other) => other !== name),
      made: persistent.includes(name) ? [] : [name],
    }));
  }

  /** Removes the entry of a key, if it has that value; resolves to whether there was one. */
  async remove(key: string, value: string | undefined): Promise<boolean> {
    const { removed } = await this.#change(key, (persistent) => ({
      removed: persistent.filter((name) => value === undefined || parseEntryName(name)?.value === value),
      made: [],
    }));
    return removed.length > 0;
  }

  /** @param decide what to do, by the names of the key's persistent entries; asked again where another was faster */
  async #change(key: string, decide: (persistent: readonly string[]) => PersistentChange): Promise<PersistentChange> {
    const head = `${encodeName(key)},`;
    for (let attempt = 1; ; attempt++) {
      /* oxlint-disable eslint/no-await-in-loop -- an attempt follows on the failure of the one before */
      const directory = await this.#directory.mustAttach();
      const { value } = await this.#link.read((client) => client.children(directory));
      const change = decide(
        (value?.names ?? []).filter((name) => name.startsWith(head) && parseEntryName(name)?.version === PERSISTENT),
      );
      const { removed, made } = change;
      if (removed.length + made.length === 0) return change;
      try {
        await writeFenced(this.#link, [
          // By this the entries that last are known not to have changed, however many are learned meanwhile.
          { kind: 'set', path: directory, data: Buffer.alloc(0) },
          ...removed.map((name) => ({ kind: 'delete', path: `${directory}/${name}` }) as const),
          ...made.map((name) => ({ kind: 'create', path: `${directory}/${name}`, data: Buffer.alloc(0) }) as const),
        ]);
        return change;
      } catch (cause) {
        if (!isOvertaken(cause) || attempt === ATTEMPTS) throw cause;
        if (cause.fault === 'no-node' && cause.index === 0) this.#directory.lost();
      }
      /* oxlint-enable eslint/no-await-in-loop */
    }
  }
}
