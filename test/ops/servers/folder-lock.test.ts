import { deepEqual, equal } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderLock } from '../../../ops/servers/folder-lock.ts';

describe('the lock of a folder', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'troupe-lock-'))));
  afterEach(() => rm(folder, { recursive: true }));

  /** Takes it. @returns the lock; the process that has it, where that is another */
  const take = () => FolderLock.take(folder);

  it('is one process', async () => {
    const lock = await take();
    equal(await take(), process.pid);
    if (typeof lock === 'number') throw new Error('nobody else is there');
    await lock.release();
    deepEqual(await readdir(folder), []);
    equal(typeof (await take()), 'object');
  });

  it("outlives its process as long as one does that this process started, and is then whoever's comes next", async () => {
    const ended = spawn('true');
    await once(ended, 'exit');
    const child = spawn('sleep', ['60']);
    await writeFile(join(folder, 'troupe.pid'), `${ended.pid}\n${child.pid}\n`);
    equal(await take(), child.pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    equal(typeof (await take()), 'object');
    equal(await take(), process.pid);
  });

  it('says of noise that it is nobody', async () => {
    await writeFile(join(folder, 'troupe.pid'), 'noise\n-1\n0\n');
    equal(typeof (await take()), 'object');
  });

  it('names the processes that it is told of', async () => {
    const lock = await take();
    if (typeof lock === 'number') throw new Error('nobody else is there');
    const child = spawn('sleep', ['60']);
    await lock.add([child.pid ?? 0]);
    equal(await take(), process.pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});
