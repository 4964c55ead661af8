import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReplayOptions } from '../../../actors/scenario/replay.ts';
import type { Scenario } from '../../../actors/scenario/scenario.ts';
import { RunRecorder, type RecorderOptions } from '../../../datapath/trace/run-recorder.ts';
import { play } from '../../../ops/run/play.ts';
import { databaseUnderTest } from '../../database-under-test.ts';

/** The two sets of outputs that a run may write: between them every file there is. */
const FORMS: readonly RecorderOptions[] = [
  { frames: 'pcapng', events: ['in', 'hop', 'drop', 'out'], traces: true, flows: true },
  { frames: 'pcap', traces: false, flows: false },
];

/** Plays a scenario into every output there is; a line for each file, with the digest of its octets. */
export async function outputsOf(scenario: Scenario, options: ReplayOptions = {}): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-outputs-'));
  const database = await databaseUnderTest();
  try {
    for (const [n, form] of FORMS.entries()) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one run after the other
      const output = await RunRecorder.open(join(folder, `${n}`), form);
      // oxlint-disable-next-line eslint/no-await-in-loop -- as above
      await play(scenario, output, {
        ...database,
        ...options,
        wantsStory: () => true,
        tracesGenerated: true,
      });
    }
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return files
      .map(({ parentPath, name }) => join(parentPath, name))
      .toSorted()
      .map((path) => `${path.slice(folder.length + 1)} ${digestOf(readFileSync(path))}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function digestOf(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}
