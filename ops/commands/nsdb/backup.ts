import { BackupError } from '../../../topology/nsdb/zookeeper/upkeep/backup-error.ts';
import { takeBackup } from '../../../topology/nsdb/zookeeper/upkeep/backup.ts';
import { writeBackup } from '../../../topology/nsdb/zookeeper/upkeep/backup-file.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { writeTrouble } from '../../file-trouble.ts';
import { withUpkeep } from '../../nsdb/with-upkeep.ts';
import { count } from '../../render/count.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';

/** Writes the database, as of one transaction, into a file that only its owner may read. An interrupt leaves none. */
export async function backUp(path: string, shell: Shell): Promise<ExitCode> {
  const backup = await withUpkeep(shell, (session, { root }) => takeBackup(session, root));
  try {
    await writeBackup(path, backup, shell.signal);
  } catch (cause) {
    if (cause instanceof BackupError) throw new Trouble(cause.message, EXIT.worldFailed, { cause });
    throw writeTrouble(path, cause);
  }
  const { header, nodes } = backup;
  if (!shell.quiet) shell.out(`${path}: ${count(nodes.length, 'node')} of ${header.root} as of ${header.zxid}\n`);
  return EXIT.fine;
}
