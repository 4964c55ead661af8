import { openerOf } from '../ops/nsdb/run-database.ts';
import { parseNsdbAddress } from '../ops/settings/nsdb-address.ts';
import type { OpenRunDatabase } from '../topology/nsdb/run-database.ts';

/** The variable that names another database for every run of a test process: see test/actors/scenario/on-zookeeper.test.ts. */
export const DATABASE_UNDER_TEST = 'TROUPE_TEST_NSDB';

/** What tests play runs on: a database in this process, where the variable names no other. */
export async function databaseUnderTest(): Promise<{ readonly database?: OpenRunDatabase }> {
  const nsdb = parseNsdbAddress(process.env[DATABASE_UNDER_TEST] ?? 'embedded');
  if (nsdb === undefined) throw new TypeError(`${DATABASE_UNDER_TEST} is no address of a database`);
  return openerOf(nsdb);
}
