import { deepEqual, equal } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { describe, it } from 'mocha';
import { loadScenario, type ScenarioResult } from '../../../../actors/scenario/file/load-scenario.ts';
import { type Complaint, type FileProblem, formatProblem } from '../../../../topology/file/file-problem.ts';
import { equalsGolden } from '../../../golden.ts';

// UPDATE_GOLDEN=1 writes the golden messages anew: read each as its user would.
const HERE = 'test/actors/scenario/file';

const THERE_IS_NONE = { code: 'unreadable', what: 'there is no such file', expected: 'a capture' };

async function refused(capture: string): Promise<Complaint | undefined> {
  return Promise.resolve(capture.includes('missing') ? THERE_IS_NONE : undefined);
}

async function load(folder: string, name: string, strict = false): Promise<ScenarioResult> {
  const path = `${HERE}/${folder}/${name}`;
  return loadScenario(readFileSync(path, 'utf8'), { path, refused, strict });
}

function told(problems: readonly FileProblem[]): string {
  return problems.map((problem) => `${formatProblem({ ...problem, path: relative(HERE, problem.path) })}\n`).join('');
}

function files(folder: string): readonly string[] {
  const names = readdirSync(`${HERE}/${folder}`).filter((name) => name.endsWith('.yaml'));
  equal(names.length > 0, true);
  return names.toSorted();
}

describe('A broken scenario file', () => {
  for (const name of files('broken')) {
    it(`is refused, one error for each cause: ${name}`, async () => {
      const result = await load('broken', name);
      equal(result.ok, false);
      if (result.ok) return;
      equalsGolden(told([...result.errors, ...result.warnings]), `${HERE}/broken/${name.replace('.yaml', '.golden')}`);
    });
  }
});

describe('A lawful but odd scenario file', () => {
  for (const name of files('odd')) {
    it(`is loaded with warnings: ${name}`, async () => {
      const result = await load('odd', name);
      equal(result.ok, true);
      equalsGolden(told(result.warnings), `${HERE}/odd/${name.replace('.yaml', '.golden')}`);
    });

    it(`is refused by a strict reader, with the same words: ${name}`, async () => {
      const [{ warnings }, strict] = [await load('odd', name), await load('odd', name, true)];
      equal(strict.ok, false);
      if (!strict.ok)
        deepEqual(
          strict.errors.map(({ what }) => what),
          warnings.map(({ what }) => what),
        );
    });
  }
});
