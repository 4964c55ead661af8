import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../topology/model/code-of.ts';

/** The file that says which processes use the folder that it is in. */
export const LOCK_FILE = 'troupe.pid';

/** A folder that one process uses, and those that it started: servers outlive one that is killed. */
export class FolderLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Takes a folder, if need be from processes that are no longer alive.
   *
   * @returns the process that uses it, where one does
   * @throws Node's own error, where nothing can be written there
   */
  static async take(folder: string): Promise<FolderLock | number> {
    const path = join(folder, LOCK_FILE);
    for (;;) {
      /* oxlint-disable eslint/no-await-in-loop -- a second round only where the former user is gone */
      try {
        await writeFile(path, `${process.pid}\n`, { flag: 'wx' });
        return new FolderLock(path);
      } catch (cause) {
        if (codeOf(cause) !== 'EEXIST') throw cause;
      }
      const user = await userOf(path);
      if (user !== undefined) return user;
      await rm(path, { force: true });
      /* oxlint-enable eslint/no-await-in-loop */
    }
  }

  /** As long as one of these processes is alive, the folder is in use. */
  async add(processes: readonly number[]): Promise<void> {
    await appendFile(this.#path, processes.map((pid) => `${pid}\n`).join(''));
  }

  async release(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

/** The first process alive that a file names. */
async function userOf(path: string): Promise<number | undefined> {
  try {
    const lines = (await readFile(path, 'utf8')).split('\n');
    return lines
      .filter((line) => /^[1-9]\d{0,9}$/.test(line))
      .map(Number)
      .find(isAlive);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined; // released this moment
    throw cause;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    return codeOf(cause) === 'EPERM'; // another user's
  }
}
