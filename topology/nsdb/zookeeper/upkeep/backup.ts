import { SCHEMA } from '../tree.ts';
import { formatZxid } from '../zxid.ts';
import type { Backup } from './backup-file.ts';
import { readLasting } from './lasting.ts';
import type { UpkeepSession } from './upkeep-session.ts';

/**
 * Reads a database as of one transaction. Nobody is kept from writing: what changes meanwhile is read anew.
 *
 * @param root what the database is under, to be told to people
 * @throws NsdbError `concurrent-modification` when writes kept coming faster than that
 */
export async function takeBackup(session: UpkeepSession, root: string): Promise<Backup> {
  await session.mustBeKnown();
  const { value: schema } = await session.read((client) => client.data(SCHEMA));
  const { zxid, nodes } = await readLasting(session);
  const header = {
    schema: schema?.data.toString() ?? '',
    zxid: formatZxid(zxid),
    taken: new Date().toISOString(),
    root,
  };
  return { header, nodes };
}
