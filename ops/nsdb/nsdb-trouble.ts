import { NsdbError, type NsdbFault } from '../../topology/nsdb/nsdb-error.ts';
import { EXIT } from '../exit-code.ts';
import { formatNsdbAddress, type NsdbAddress } from '../settings/nsdb-address.ts';
import { printable } from '../render/text-width.ts';
import { Trouble } from '../trouble.ts';

/** What is no fault of whoever called: the database, or the way to it. */
const OF_THE_WORLD: ReadonlySet<NsdbFault> = new Set([
  'disconnected',
  'session-lost',
  'outcome-unknown',
  'timeout',
  'closed',
  'no-permission',
  'concurrent-modification',
]);

/** What to tell of a database that did not do what it was asked; what is no matter of databases is given back as it came. */
export function nsdbTrouble(nsdb: NsdbAddress, cause: unknown): unknown {
  if (!(cause instanceof NsdbError)) return cause;
  const exitCode = OF_THE_WORLD.has(cause.fault) ? EXIT.worldFailed : EXIT.badInput;
  return new Trouble(`${formatNsdbAddress(nsdb)}: ${printable(cause.message)}`, exitCode, { cause });
}
