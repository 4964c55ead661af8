import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateTopology } from '../topology/file/generate.ts';
import type { BenchResult } from './bench-result.ts';
import { reportOf } from './child.ts';

const PORTS = 10_000;

/** Seconds to read and check a topology file of 10,000 ports, in a process of its own: the best of three; with its peak memory. */
export async function topology10k(): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-bench-'));
  try {
    const path = join(folder, 'topology.yaml');
    await writeFile(path, generateTopology(PORTS));
    const runs = Array.from({ length: 3 }, () => reportOf('topology-10k.child.js', [path]));
    const [best] = runs.toSorted((a, b) => (a['seconds'] ?? 0) - (b['seconds'] ?? 0));
    if (best === undefined || (best['ports'] ?? 0) < PORTS) throw new Error(`${best?.['ports']} ports`);
    return {
      name: 'topology-10k',
      value: best['seconds'] ?? NaN,
      unit: 's',
      against: [{ name: 'peak (MB)', value: Math.max(...runs.map((run) => run['megabytes'] ?? NaN)) }],
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
