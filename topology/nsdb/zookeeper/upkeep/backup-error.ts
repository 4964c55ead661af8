/**
 * Why a file is no backup that can be restored.
 *
 * - `not-a-backup`: it is something else
 * - `newer`: a newer version of Troupe wrote it
 * - `cut-short`: its end is missing
 * - `damaged`: its checksum, or a line of it, is wrong
 */
export type BackupFault = 'not-a-backup' | 'newer' | 'cut-short' | 'damaged';

/** A file cannot be restored. The message says which, and why. */
export class BackupError extends Error {
  readonly fault: BackupFault;

  constructor(fault: BackupFault, sentence: string) {
    super(sentence);
    this.name = 'BackupError';
    this.fault = fault;
  }
}
