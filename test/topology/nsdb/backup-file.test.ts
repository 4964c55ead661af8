import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupError } from '../../../topology/nsdb/zookeeper/upkeep/backup-error.ts';
import { readBackup, writeBackup, type Backup } from '../../../topology/nsdb/zookeeper/upkeep/backup-file.ts';

const BACKUP: Backup = {
  header: { schema: '1.0', zxid: '0x2a', taken: '2026-01-02T03:04:05.678Z', root: '/troupe' },
  nodes: [
    { path: '/sequences/overlay_tunnel_key', data: Buffer.from('17') },
    {
      path: '/zoom/0/models/Network/n',
      data: Buffer.from('{"v":1,"made":"m","fields":{"name":"a\\nb \u2028 \u00e9"}}'),
    },
    { path: '/zoom/0/models/Network/n/portIds,p', data: Buffer.alloc(0) },
    { path: '/zoom/0/models/Network/noise', data: Buffer.from([0xff, 0x0a, 0x00]) },
    { path: '/zoom/0/models/Network/lines', data: Buffer.from('two\nlines') },
  ],
};

describe('a file that holds a backup', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'troupe-backup-'));
    path = join(folder, 'net.backup');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const refused = (fault: BackupError['fault']) =>
    rejects(
      readBackup(path),
      (error) => error instanceof BackupError && error.fault === fault && error.message.startsWith(path),
    );

  it('gives back what was written, octet for octet', async () => {
    await writeBackup(path, BACKUP);
    deepEqual(await readBackup(path), BACKUP);
  });

  it('can be read by its owner alone, and replaces a former one when it is complete', async () => {
    writeFileSync(path, 'a former one', { mode: 0o644 });
    await writeBackup(path, BACKUP);
    equal(statSync(path).mode & 0o777, 0o600);
    deepEqual(readdirSync(folder), ['net.backup']);
  });

  it('stands where a symbolic link of its name leads, and leaves the link', async () => {
    mkdirSync(join(folder, 'far'));
    writeFileSync(join(folder, 'far', 'former'), 'a former one');
    symlinkSync('far/former', path);
    await writeBackup(path, BACKUP);
    const dangling = join(folder, 'dangling');
    symlinkSync('far/new', dangling);
    await writeBackup(dangling, BACKUP);
    for (const link of [path, dangling]) {
      ok(lstatSync(link).isSymbolicLink());
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after another
      deepEqual(await readBackup(link), BACKUP);
    }
    deepEqual(readdirSync(join(folder, 'far')), ['former', 'new']);
  });

  it('takes the place of no pipe and no folder, not even behind a link, and says what is there', async () => {
    const [pipe, link] = [join(folder, 'pipe'), join(folder, 'link')];
    execFileSync('mkfifo', [pipe]);
    symlinkSync('pipe', link);
    const complaints = [
      [pipe, 'it is no regular file: name another'],
      [link, 'it is no regular file: name another'],
      [folder, 'it is a folder: name a file in it'],
    ] as const;
    for (const [name, why] of complaints) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after another
      await rejects(
        writeBackup(name, BACKUP),
        (error) =>
          error instanceof BackupError &&
          error.fault === 'not-a-file' &&
          error.message === `${name} cannot be written: ${why}`,
      );
    }
    ok(statSync(pipe).isFIFO());
    deepEqual(readdirSync(folder), ['link', 'pipe']);
  });

  it('leaves a former one alone, and nothing beside it, when it is interrupted', async () => {
    writeFileSync(path, 'a former one');
    const interruption = new AbortController();
    const writing = writeBackup(path, BACKUP, interruption.signal);
    interruption.abort();
    await rejects(writing, { name: 'AbortError' });
    deepEqual([readdirSync(folder), readFileSync(path, 'utf8')], [['net.backup'], 'a former one']);
  });

  it('leaves a former one alone, and nothing beside it, when it cannot be written', async () => {
    writeFileSync(path, 'a former one');
    const nodes = new Proxy(BACKUP.nodes, {
      get: (target, key) => {
        if (key === Symbol.iterator) throw new Error('no space');
        return Reflect.get(target, key) as unknown;
      },
    });
    await rejects(writeBackup(path, { ...BACKUP, nodes }), /no space/);
    deepEqual([readdirSync(folder), readFileSync(path, 'utf8')], [['net.backup'], 'a former one']);
  });

  it('is refused as cut short wherever it ends early', async () => {
    await writeBackup(path, BACKUP);
    const whole = readFileSync(path);
    const first = whole.indexOf('\n') + 1;
    for (let length = first; length < whole.length - 1; length++) {
      writeFileSync(path, whole.subarray(0, length));
      // oxlint-disable-next-line eslint/no-await-in-loop -- one file after another
      await refused('cut-short');
    }
    writeFileSync(path, whole.subarray(0, first - 1).subarray(0, 20));
    await refused('not-a-backup');
    writeFileSync(path, '');
    await refused('not-a-backup');
  });

  it('is refused as damaged where any octet behind its first line differs', async () => {
    await writeBackup(path, BACKUP);
    const whole = readFileSync(path);
    for (let at = whole.indexOf('\n') + 1; at < whole.length - 1; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      writeFileSync(path, damaged);
      // oxlint-disable-next-line eslint/no-await-in-loop -- as above
      await rejects(readBackup(path), (error) => error instanceof BackupError, `octet ${at}`);
    }
  });

  it('is refused by name and line where one was lost, moved or changed; and where it is another file, or a newer one', async () => {
    await writeBackup(path, BACKUP);
    const lines = readFileSync(path, 'utf8').split('\n');
    const told = async (text: readonly string[], line: number) => {
      writeFileSync(path, text.join('\n'));
      await rejects(readBackup(path), { fault: 'damaged', message: new RegExp(`net\\.backup:${line}: was changed`) });
    };
    await told(lines.toSpliced(2, 1), 3);
    await told(lines.with(2, 'nonsense'), 3);
    await told(lines.with(2, lines[3] ?? '').with(3, lines[2] ?? ''), 3);
    await told(lines.with(0, lines[0]?.replace('/troupe"', '/another"') ?? ''), 1);
    await told(lines.with(4, lines[4]?.replace('noise', 'other') ?? ''), 5);
    await told([...lines.slice(0, -1), '{"path":"/more"}'], 8);
    writeFileSync(path, 'name: a topology file\n');
    await refused('not-a-backup');
    writeFileSync(path, lines.join('\n').replace('"version":1', '"version":2'));
    await refused('newer');
  });
});
