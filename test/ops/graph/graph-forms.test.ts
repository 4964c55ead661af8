import { equal, match, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { equalsGolden } from '../../golden.ts';
import { call } from '../call.ts';

const GOLDEN = 'test/ops/graph/golden';

describe('troupe topology graph', () => {
  for (const name of ['two-bridges', 'two-hosts']) {
    for (const form of ['dot', 'mermaid', 'svg']) {
      it(`draws ${name} as ${form}`, async () => {
        const { exitCode, out } = await call(['topology', 'graph', `examples/${name}.yaml`, '-o', form]);
        equal(exitCode, 0);
        equalsGolden(out, `${GOLDEN}/${name}.${form}`);
      });
    }

    it(`writes dot of ${name} that Graphviz draws without complaint`, async function () {
      const { out } = await call(['topology', 'graph', `examples/${name}.yaml`]);
      const { error, status, stdout, stderr } = spawnSync('dot', ['-Tsvg'], { input: out, encoding: 'utf8' });
      if (error !== undefined) {
        console.log(`      (not checked: there is no "dot" here; install graphviz)`);
        this.skip();
      }
      equal(stderr, '');
      equal(status, 0);
      match(stdout, /<svg/);
    });
  }

  it('draws an SVG that stands alone: it loads nothing, runs nothing, and names no font but generic ones', async () => {
    const { out } = await call(['topology', 'graph', 'examples/two-bridges.yaml', '-o', 'svg']);
    const withoutNamespace = out.replace('xmlns="http://www.w3.org/2000/svg"', '');
    for (const forbidden of [/https?:/, /href/, /<script/, /@import/, /url\(/, /<image/, /font-face/]) {
      ok(!forbidden.test(withoutNamespace), String(forbidden));
    }
    for (const [, family] of out.matchAll(/font:\d+px ([^}]+)}/g)) match(family ?? '', /^(sans-serif|monospace)$/);
    match(out, /prefers-color-scheme:dark/);
  });

  for (const [file, start] of [
    ['net.svg', '<svg'],
    ['net.mmd', '---\ntitle'],
    ['net.gv', 'graph "'],
  ] as const) {
    it(`takes the form of a drawing from the name ${file}, and says where it was written`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'troupe-'));
      try {
        const path = join(folder, file);
        const { err, out } = await call(['topology', 'graph', 'examples/two-hosts.yaml', '--out', path]);
        equal(out, '');
        equal(err, `written: ${path}\n`);
        ok(readFileSync(path, 'utf8').startsWith(start));
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it('writes nothing for a topology that is wrong', async () => {
    const path = join(tmpdir(), `troupe-${process.pid}-none.svg`);
    const wrong = 'test/topology/file/broken/self-link.yaml';
    const { exitCode } = await call(['topology', 'graph', wrong, '--out', path]);
    equal(exitCode, 2);
    ok(!existsSync(path));
  });

  it('says what to do about a folder that is not there', async () => {
    const words = ['topology', 'graph', 'examples/two-hosts.yaml', '--out', 'no-such/net.svg'];
    const { exitCode, err } = await call(words);
    equal(exitCode, 3);
    equal(err, 'troupe: no-such/net.svg cannot be written: its folder does not exist, or takes no new files\n');
  });
});
