import { deepEqual, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chanceFor } from '../../../actors/chance.ts';
import { capturePath } from '../../captures/known.ts';
import { OFFICE, play, scenarioOf, topologyOf } from './played.ts';

/** Writes a file into a pipe in pieces of random sizes, with random pauses between them. */
async function trickle(from: string, pipe: string, chance: () => number): Promise<void> {
  const bytes = await readFile(from);
  const writer = await open(pipe, 'w');
  for (let at = 0; at < bytes.length;) {
    const size = 1 + Math.floor(chance() * 4000);
    // oxlint-disable-next-line eslint/no-await-in-loop -- piece by piece is the point
    await writer.write(bytes.subarray(at, at + size));
    at += size;
    // oxlint-disable-next-line eslint/no-await-in-loop -- as above
    if (chance() < 0.3) await new Promise((resolve) => setTimeout(resolve, chance() * 4));
  }
  await writer.close();
}

describe('a capture that comes slowly', () => {
  it('gives the same run, whatever the delays of its reading', async () => {
    const topology = topologyOf(OFFICE);
    const path = capturePath('zeek/wikipedia.pcap');
    const scenario = scenarioOf(topology, path, 'lan:in', { l2: 'adapt' });
    const { events } = await play(scenario);
    ok(events.length > 100);
    const folder = mkdtempSync(join(tmpdir(), 'troupe-slow-'));
    try {
      for (const seed of [1, 2, 3]) {
        const pipe = join(folder, `pipe-${seed}`);
        execFileSync('mkfifo', [pipe]);
        const [input] = scenario.inputs;
        ok(input);
        // oxlint-disable-next-line eslint/no-await-in-loop -- one run after the other
        const [slow] = await Promise.all([
          play({ ...scenario, inputs: [{ ...input, path: pipe }] }),
          trickle(path, pipe, chanceFor(seed, 'delays')),
        ]);
        deepEqual(slow.events, events);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
