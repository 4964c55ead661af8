import { hostname } from 'node:os';
import type { ZookeeperAddress } from '../../topology/nsdb/zookeeper/address.ts';
import type { NsdbOptions } from '../../topology/nsdb/nsdb.ts';
import { NsdbError } from '../../topology/nsdb/nsdb-error.ts';
import { MachineTimers } from '../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { printable } from '../render/text-width.ts';
import type { Settings } from '../settings/settings.ts';
import type { Shell } from '../shell.ts';
import { Trouble } from '../trouble.ts';
import { nsdbTrouble } from './nsdb-trouble.ts';

/** Nobody sits before a command for long when no server is there. */
const PATIENCE = 5000;

/**
 * Where the shared network state database is.
 *
 * @throws Trouble when the settings name none
 */
export function sharedNsdb({ values: { nsdb } }: Settings): ZookeeperAddress {
  if (nsdb.kind === 'zookeeper') return nsdb.address;
  throw new Trouble(
    'no database is named: --nsdb zookeeper://USER:PASSWORD@HOST:PORT/ROOT, or TROUPE_NSDB, says where it is',
  );
}

export interface WithNsdbOptions<T> extends NsdbOptions {
  /** What becomes of it where there is no database: a refusal, or something else than the work. Where nothing is said, one is made. */
  readonly absent?: 'refuse' | (() => T);
  /** Whether the work sees the shell's signal itself, and ends in order. */
  readonly endsItself?: boolean;
}

/**
 * Does some work on the database that the settings name, with a handle of its own that is closed afterwards. Who interrupts closes it at
 * once, and by that ends the work.
 *
 * @param options also of the handle; where they have no `report`, what it hears goes to standard error
 * @throws Trouble when the settings name none, it cannot be reached, or it refuses; what else the work throws, as it is
 */
export async function withNsdb<T>(
  shell: Shell,
  work: (nsdb: ZookeeperNsdb) => Promise<T>,
  { absent, endsItself = false, ...options }: WithNsdbOptions<T> = {},
): Promise<T> {
  const address = sharedNsdb(shell.settings);
  const mustExist = absent !== undefined;
  const database = new ZookeeperDatabase(address, { timers: new MachineTimers(), patience: PATIENCE, mustExist });
  let closing: Promise<void> | undefined;
  const close = (): void => void (closing = database.close());
  try {
    shell.signal.throwIfAborted();
    shell.signal.addEventListener('abort', close, { once: true });
    let nsdb: ZookeeperNsdb;
    try {
      nsdb = await database.open(`troupe ${process.pid} of ${hostname()}`, {
        report: (cause) => shell.err(`troupe: ${printable(cause instanceof Error ? cause.message : String(cause))}\n`),
        ...options,
      });
    } catch (cause) {
      const isAbsent = cause instanceof NsdbError && cause.fault === 'not-found';
      if (!isAbsent || typeof absent !== 'function') throw cause;
      return absent();
    }
    if (endsItself) shell.signal.removeEventListener('abort', close);
    try {
      return await work(nsdb);
    } finally {
      await nsdb.close();
    }
  } catch (cause) {
    throw nsdbTrouble({ kind: 'zookeeper', address }, cause);
  } finally {
    shell.signal.removeEventListener('abort', close);
    await closing;
  }
}
