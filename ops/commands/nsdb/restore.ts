import { BackupError } from '../../../topology/nsdb/zookeeper/upkeep/backup-error.ts';
import { readBackup, type Backup } from '../../../topology/nsdb/zookeeper/upkeep/backup-file.ts';
import {
  restore,
  type RestoreOptions,
  type RestoreStage,
  type Restored,
} from '../../../topology/nsdb/zookeeper/upkeep/restore.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { readTrouble } from '../../file-trouble.ts';
import { withUpkeep } from '../../nsdb/with-upkeep.ts';
import { count } from '../../render/count.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';

export interface RestoreFlags {
  readonly replace?: true;
}

/** What an interruption leaves, by how far the restore was. */
const CUT_SHORT: Readonly<Record<RestoreStage | 'begun', string>> = {
  begun: 'nothing was changed',
  filling: 'the restore is incomplete; restore again',
  deciding: 'the database is as it was, or as the backup has it; restore again to be sure',
  counts: 'the backup is in place; whoever uses the database next completes what is left to write',
};

/** Puts a backup under the root that the settings name. */
export async function restoreFrom(path: string, { replace }: RestoreFlags, shell: Shell): Promise<ExitCode> {
  const backup = await read(path);
  let stage: keyof typeof CUT_SHORT = 'begun';
  const options: RestoreOptions = { isReplacing: replace === true, reach: (now) => (stage = now) };
  const restored = await withUpkeep(
    shell,
    (session) => restore(session, backup, options),
    () => CUT_SHORT[stage],
  );
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
