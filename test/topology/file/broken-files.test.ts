import { equal } from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { type FileProblem, formatProblem } from '../../../topology/file/file-problem.ts';
import { loadTopology } from '../../../topology/file/load-topology.ts';

// The sources, not what is compiled of them. UPDATE_GOLDEN=1 writes the golden messages anew: read each as its user would.
const HERE = new URL('../../../../test/topology/file/', import.meta.url);
const UPDATES = process.env['UPDATE_GOLDEN'] === '1';

describe('A broken topology file', () => {
  for (const name of yamlFiles('broken/')) {
    it(`is refused, one error for each cause: ${name}`, () => {
      const result = loadTopology(readFileSync(new URL(`broken/${name}`, HERE), 'utf8'), { path: name });
      equal(result.ok, false);
      if (!result.ok) compare(`broken/${name.replace('.yaml', '.golden')}`, [...result.errors, ...result.warnings]);
    });
  }
});

describe('A lawful but odd topology file', () => {
  for (const name of yamlFiles('odd/')) {
    const text = readFileSync(new URL(`odd/${name}`, HERE), 'utf8');

    it(`is loaded with warnings: ${name}`, () => {
      const result = loadTopology(text, { path: name });
      equal(result.ok, true);
      compare(`odd/${name.replace('.yaml', '.golden')}`, result.warnings);
    });

    it(`is refused by a strict reader, with the same words: ${name}`, () => {
      const { warnings } = loadTopology(text, { path: name });
      const strict = loadTopology(text, { path: name, strict: true });
      equal(strict.ok, false);
      if (!strict.ok) equal(strict.errors.map(({ what }) => what).join(), warnings.map(({ what }) => what).join());
    });
  }
});

function yamlFiles(folder: string): readonly string[] {
  const names = readdirSync(new URL(folder, HERE)).filter((name) => name.endsWith('.yaml'));
  equal(names.length > 0, true);
  return names.toSorted();
}

function compare(golden: string, problems: readonly FileProblem[]): void {
  const text = problems.map((problem) => `${formatProblem(problem)}\n`).join('');
  const file = new URL(golden, HERE);
  if (UPDATES) writeFileSync(file, text);
  equal(text, readFileSync(file, 'utf8'));
}
