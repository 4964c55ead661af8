import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, type Called } from './call.ts';

const CHILD = `${import.meta.dirname}/as-nobody.child.js`;
const PACKET = 'udp 10.0.2.15:9 > 192.0.2.1:53';

/** Command lines that read a file each, which lies in a folder `@`. */
const READING: readonly (readonly [what: string, file: string, words: readonly string[]])[] = [
  ['a topology to validate', 'topology.yaml', ['topology', 'validate', '@/topology.yaml']],
  ['a topology to show', 'topology.yaml', ['topology', 'show', '@/topology.yaml']],
  ['a topology to draw', 'topology.yaml', ['topology', 'graph', '@/topology.yaml']],
  ['a network to trace in', 'topology.yaml', ['trace', '@/topology.yaml', '--in', 'laptop', PACKET]],
  ['a scenario', 'scenario.yaml', ['replay', '@/scenario.yaml', '--no-out']],
  ['the topology of a scenario', 'topology.yaml', ['replay', '@/scenario.yaml', '--no-out']],
  ['the capture of a scenario', 'bro.org.pcap', ['replay', '@/scenario.yaml', '--no-out']],
  ['a topology of a flag', 'topology.yaml', ['replay', '--no-out', '-t', '@/topology.yaml', 'laptop=@/bro.org.pcap']],
  ['a capture of a flag', 'bro.org.pcap', ['replay', '--no-out', '-t', '@/topology.yaml', 'laptop=@/bro.org.pcap']],
  ['the capture of a frame', 'bro.org.pcap', ['trace', '@/topology.yaml', '--in', 'laptop', '@/bro.org.pcap#1']],
  ['a state', 'state.json', ['trace', '@/topology.yaml', '--in', 'laptop', PACKET, '--state', '@/state.json']],
  ['the settings', 'settings.yaml', ['config', '--config', '@/settings.yaml']],
];

describe('a file that may not be read', () => {
  let folder = '';
  let refused: readonly Called[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'troupe-permission-'));
    chmodSync(folder, 0o755);
    const readable = await layOut(join(folder, 'readable'));
    const lines = READING.map(([, file, words], n) => {
      const place = join(folder, String(n));
      cpSync(readable, place, { recursive: true });
      chmodSync(join(place, file), 0o000);
      return at(place, words);
    });
    const first = READING.map(([, , words]) => at(readable, words));
    const mixed = ['topology', 'validate', join(folder, '0', 'topology.yaml'), join(folder, '0', 'settings.yaml')];
    const told = execFileSync(process.execPath, [CHILD, JSON.stringify(first), JSON.stringify([...lines, mixed])]);
    refused = JSON.parse(String(told)) as Called[];
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [n, [what, file, words]] of READING.entries()) {
    it(`is no fault of the input, and ends a command with 3: ${what}`, async () => {
      equal((await call(at(join(folder, 'readable'), words))).exitCode, 0);
      const { exitCode, out = '', err = '' } = refused[n] ?? {};
      deepEqual([exitCode, out.replace(/^.*: 1 error\n$/, '')], [3, '']);
      match(err, /permission denied/);
      ok(err.includes(file), err);
    });
  }

  it('ends it with 2 beside a file that is wrong: that can be mended', () => {
    equal(refused.at(-1)?.exitCode, 2);
  });
});

/** A folder with a file of each kind. */
async function layOut(place: string): Promise<string> {
  mkdirSync(place);
  for (const file of ['scenario.yaml', 'topology.yaml', 'bro.org.pcap'])
    copyFileSync(`examples/bro-org/${file}`, join(place, file));
  writeFileSync(join(place, 'settings.yaml'), 'seed: 1\n');
  const words = ['replay', join(place, 'scenario.yaml'), '--no-out', '--save-state', join(place, 'state.json')];
  equal((await call(words)).exitCode, 0);
  return place;
}

function at(place: string, words: readonly string[]): readonly string[] {
  return words.map((word) => word.replace('@', place));
}
