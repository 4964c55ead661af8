import { EmbeddedDatabase } from '../../../topology/nsdb/embedded/embedded-database.ts';
import { EmbeddedNsdb } from '../../../topology/nsdb/embedded/embedded-nsdb.ts';
import { SESSION_TIMEOUT, type Nsdb } from '../../../topology/nsdb/nsdb.ts';
import type { NsdbHarness } from './harness.ts';
import { ManualTimers } from './manual-timers.ts';

/** The embedded database on a clock moved by hand. */
export function embeddedHarness(): Promise<NsdbHarness> {
  const timers = new ManualTimers();
  const database = new EmbeddedDatabase(timers);
  const settled = () => database.settled();
  return Promise.resolve({
    sessionTimeout: SESSION_TIMEOUT,
    open: (name, options) => Promise.resolve(database.open(name, options)),
    cutLink: (nsdb) => Promise.resolve(embedded(nsdb).cutLink()),
    restoreLink: (nsdb) => {
      embedded(nsdb).restoreLink();
      return settled();
    },
    expireSession: (nsdb) => {
      embedded(nsdb).expireSession();
      return settled();
    },
    advance: (milliseconds) => timers.advance(milliseconds, settled),
    plant: (directory, name) => Promise.resolve(database.plant(directory, name)),
    settled,
    close: () => Promise.resolve(),
  });
}

function embedded(nsdb: Nsdb): EmbeddedNsdb {
  if (nsdb instanceof EmbeddedNsdb) return nsdb;
  throw new TypeError('a handle of another database');
}
