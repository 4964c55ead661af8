import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capturePath, KNOWN } from '../../captures/known.ts';
import { call } from '../call.ts';

const SCENARIOS = 'test/actors/scenario/file/broken';
const TOPOLOGIES = 'test/topology/file/broken';

function yamlIn(folder: string): readonly string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  ok(files.length >= 10);
  return files.map((name) => join(folder, name));
}

describe('Bad input', () => {
  let folder: string;
  let out: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'troupe-bad-'));
    out = join(folder, 'out');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Every line of what is wrong begins with where it is, as far as a place is known. */
  async function isRefused(words: readonly string[], file: string): Promise<void> {
    const told = await call(words);
    deepEqual([file, told.exitCode, told.out], [file, 2, '']);
    match(told.err, /^(\S+\.yaml(:\d+:\d+)?: .+\n)+$/, file);
    deepEqual(readdirSync(folder), [], file);
  }

  it('is refused with 2 for every broken scenario: nothing is played, nothing written', async () => {
    for (const file of yamlIn(SCENARIOS)) {
      const outputs = [
        '--out',
        out,
        '--report',
        join(folder, 'report.xml'),
        '--save-state',
        join(folder, 'state.json'),
      ];
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other
      await isRefused(['replay', file, ...outputs], file);
    }
  });

  it('is refused with 2 for every broken topology, whatever is wanted of it: nothing is played or drawn, nothing written', async () => {
    const capture = `p=${capturePath('tcpdump/dns_udp.pcap')}`;
    for (const file of yamlIn(TOPOLOGIES)) {
      for (const words of [
        ['replay', '-t', file, capture, '--out', out],
        ['trace', file, '--in', 'p', 'udp 10.0.0.1:1 > 10.0.0.2:2'],
        ['topology', 'graph', file, '--out', join(folder, 'drawn.svg')],
        ['topology', 'show', file],
      ]) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other
        await isRefused(words, file);
      }
    }
  }).timeout(60_000);

  it('is no capture at hand: each replays, or is refused by name; both sums are shown and add up', async () => {
    for (const [name, known] of Object.entries(KNOWN)) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other
      const told = await call(['replay', '-t', 'examples/two-bridges.yaml', `web-1=${capturePath(name)}`, '--no-out']);
      equal(told.exitCode, 'fault' in known ? 2 : 0, name);
      if ('fault' in known) {
        equal(told.out, '', name);
        match(
          told.err,
          new RegExp(`${name.replace(/.*\//, '')}: .+, at byte ${known.offset}, expected a capture`),
          name,
        );
      } else {
        match(told.out, /✓ frames in \d+/, name);
        match(told.out, /✓ frames out \d+/, name);
        equal(told.err, '', name);
      }
    }
    equal(existsSync(out), false);
  }).timeout(120_000);
});
