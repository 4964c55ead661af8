/**
 * Why a file is no backup that can be restored, or cannot become one.
 *
 * - `not-a-backup`: it is something else
 * - `newer`: a newer version of Troupe wrote it
 * - `cut-short`: its end is missing
 * - `damaged`: its checksum, or a line of it, is wrong
 * - `not-a-file`: something is there that no file may take the place of
 */
export type BackupFault = 'not-a-backup' | 'newer' | 'cut-short' | 'damaged' | 'not-a-file';

/** A file cannot be restored, or not be written. The message says which, and why. */
export class BackupError extends Error {
  readonly fault: BackupFault;

  constructor(fault: BackupFault, sentence: string) {
    super(sentence);
    this.name = 'BackupError';
    this.fault = fault;
  }
}
