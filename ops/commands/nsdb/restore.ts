import { BackupError } from '../../../topology/nsdb/zookeeper/upkeep/backup-error.ts';
import { readBackup, type Backup } from '../../../topology/nsdb/zookeeper/upkeep/backup-file.ts';
import { restore, type Restored } from '../../../topology/nsdb/zookeeper/upkeep/restore.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { readTrouble } from '../../file-trouble.ts';
import { withUpkeep } from '../../nsdb/with-upkeep.ts';
import { count } from '../../render/count.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';

export interface RestoreFlags {
  readonly replace?: true;
}

const CUT_SHORT = 'the restore is incomplete; restore again';

/** Puts a backup under the root that the settings name. */
export async function restoreFrom(path: string, { replace }: RestoreFlags, shell: Shell): Promise<ExitCode> {
  const backup = await read(path);
  const isReplacing = replace === true;
  const restored = await withUpkeep(shell, (session) => restore(session, backup, { isReplacing }), CUT_SHORT);
  if (!shell.quiet) shell.out(`${path}, of ${backup.header.taken}: ${wordsOf(restored)}\n`);
  return EXIT.fine;
}

async function read(path: string): Promise<Backup> {
  try {
    return await readBackup(path);
  } catch (cause) {
    if (cause instanceof BackupError) throw new Trouble(cause.message, EXIT.badInput, { cause });
    throw readTrouble(path, cause);
  }
}

function wordsOf({ isReplaced, made, changed, deleted }: Restored): string {
  if (!isReplaced) return `restored, ${count(made, 'node')}`;
  if (made + changed + deleted === 0) return 'the database was so already';
  return `restored as one change: ${made} made, ${changed} changed, ${deleted} deleted`;
}
