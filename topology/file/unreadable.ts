import type { Complaint, FileProblem } from './file-problem.ts';

/** Whoever named the file can mend it: there is none, or it is a directory. */
const UNREADABLE = 'unreadable';
/** The world stands in the way: it may not be read, or reading it failed. */
const NO_PERMISSION = 'no-permission';
const READ_FAILED = 'read-failed';

const COMPLAINTS: ReadonlyMap<string, Complaint> = new Map([
  ['ENOENT', { code: UNREADABLE, what: 'there is no such file' }],
  ['ENOTDIR', { code: UNREADABLE, what: 'there is no such file' }],
  ['EISDIR', { code: UNREADABLE, what: 'this is a directory' }],
  ['ERR_INVALID_ARG_VALUE', { code: UNREADABLE, what: 'no file can have this name' }],
  ['ERR_FS_FILE_TOO_LARGE', { code: UNREADABLE, what: 'the file is too large' }],
  ['EACCES', { code: NO_PERMISSION, what: 'permission denied' }],
  ['EPERM', { code: NO_PERMISSION, what: 'permission denied' }],
]);

/** Why a file cannot be read, as Node's error tells it; undefined for an error that is no matter of files. */
export function unreadableFor(error: unknown): Complaint | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const code = String(error.code);
  const known = COMPLAINTS.get(code);
  if (known !== undefined || !/^E[A-Z0-9]+$/.test(code)) return known;
  return { code: READ_FAILED, what: `the file cannot be read: ${error.message}` };
}

/** Whether the problem is that a file could not be read, rather than what is in it. */
export function isUnreadable({ code }: Pick<FileProblem, 'code'>): boolean {
  return code === UNREADABLE || isOfTheWorld({ code });
}

/** Whether the file may be as good as it likes: what failed is the world around it. */
export function isOfTheWorld({ code }: Pick<FileProblem, 'code'>): boolean {
  return code === NO_PERMISSION || code === READ_FAILED;
}
