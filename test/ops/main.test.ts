import { deepEqual, equal } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';

const MAIN = 'dist/ops/main.js';

describe('the troupe program', () => {
  it('exits 0 when all is well, 2 for bad input; results on standard output, messages on standard error', () => {
    const options = { encoding: 'utf8' } as const;
    const good = spawnSync(process.execPath, [MAIN, 'topology', 'validate', 'examples/two-hosts.yaml'], options);
    deepEqual([good.status, good.stderr], [0, '']);
    const bad = spawnSync(process.execPath, [MAIN, 'topology', 'show', 'no-such.yaml', '-o', 'json'], options);
    deepEqual([bad.status, bad.stdout], [2, '']);
    equal(bad.stderr, 'no-such.yaml: there is no such file, expected a file of UTF-8 text\n');
  });

  it('stays quiet when nobody reads on, and its exit code tells of the work', async () => {
    const child = spawn(process.execPath, [MAIN, 'topology', 'schema'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    deepEqual([code, err], [0, '']);
  });

  it('loads neither comedy nor YAML to print help', () => {
    const script = `
      process.argv = [process.execPath, 'troupe', '--help'];
      await import(${JSON.stringify(new URL('../../ops/main.js', import.meta.url).href)});
      const { Module } = await import('node:module');
      const loaded = Object.keys(Module._cache).filter((path) => /node_modules\\/(comedy|yaml|ajv)\\//.test(path));
      console.error(loaded.join());`;
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    equal(stderr, '\n');
  });
});
