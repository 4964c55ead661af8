import { CaptureError } from '../datapath/capture/capture-error.ts';
import type { FileProblem } from '../topology/file/file-problem.ts';
import { isOfTheWorld, unreadableFor } from '../topology/file/unreadable.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { Trouble } from './trouble.ts';

const WHY_UNWRITABLE: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'its folder does not exist, or takes no new files'],
  ['ENOTDIR', 'its folder is a file'],
  ['EEXIST', 'there is a file of that name'],
  ['EISDIR', 'it is a folder: name a file in it'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'no space left on device'],
]);

/** What to tell of a capture that cannot be read; what is no matter of files is given back as it came. */
export function readTrouble(path: string, cause: unknown): unknown {
  if (cause instanceof CaptureError) return new Trouble(cause.message, EXIT.badInput, { cause });
  const complaint = unreadableFor(cause);
  if (complaint === undefined) return cause;
  return new Trouble(`${path}: ${complaint.what}`, exitCodeFor([complaint]), { cause });
}

/** What errors about files come to: bad input, unless the world alone is at fault. */
export function exitCodeFor(errors: readonly Pick<FileProblem, 'code'>[]): ExitCode {
  return errors.length > 0 && errors.every(isOfTheWorld) ? EXIT.worldFailed : EXIT.badInput;
}

/** What captures come to that could not be read to their ends. */
export function exitCodeForCaptures(causes: readonly unknown[]): ExitCode {
  return exitCodeFor(causes.map((cause) => unreadableFor(cause) ?? { code: 'no-capture' }));
}

/** What to tell of an output that cannot be written; what is no matter of files is given back as it came. */
export function writeTrouble(path: string, cause: unknown): unknown {
  const code = codeOf(cause);
  if (code === undefined) return cause;
  const why = WHY_UNWRITABLE.get(code) ?? messageOf(cause);
  return new Trouble(`${path} cannot be written: ${why}`, EXIT.worldFailed, { cause });
}

/** The code of an error of the system; undefined for any other. */
function codeOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !('code' in cause)) return undefined;
  const code = String(cause.code);
  return /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
