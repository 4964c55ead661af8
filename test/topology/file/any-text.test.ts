import { equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { array, assert, constantFrom, nat, property, string, tuple } from 'fast-check';
import { describe, it } from 'mocha';
import { loadTopology } from '../../../topology/file/load-topology.ts';

const EXAMPLE = readFileSync(new URL('../../../../examples/two-bridges.yaml', import.meta.url), 'utf8');
const BITS = EXAMPLE.split(/(\s+|[{}[\],:])/).filter((bit) => bit !== '');

/** Pieces that mean something to YAML or to us, put where they do not belong. */
const piece = constantFrom(
  '{',
  '}',
  '[',
  ']',
  ': ',
  ', ',
  '- ',
  '"',
  "'",
  '\n',
  '\t',
  '#',
  '&a ',
  '*a',
  '!!set ',
  '|',
  '? ',
  '---\n',
  '\0',
  ...BITS,
);

describe('Any text at all', () => {
  it('is a topology, or is refused with errors that have a place in it', () => {
    const edit = tuple(nat(BITS.length - 1), nat(3), piece);
    assert(
      property(array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const bits = [...BITS];
        for (const [at, removed, added] of edits) bits.splice(at, removed, added);
        isLoadedOrRefused(bits.join(''));
      }),
      { numRuns: 400 },
    );
  });

  it('of random pieces is refused, or is a topology', () => {
    assert(
      property(array(piece), (pieces) => isLoadedOrRefused(pieces.join(''))),
      { numRuns: 300 },
    );
    assert(property(string({ unit: 'binary' }), isLoadedOrRefused), { numRuns: 200 });
  });
});

function isLoadedOrRefused(text: string): void {
  const result = loadTopology(text, { path: 'f' });
  const lines = text.split('\n');
  const problems = result.ok ? result.warnings : [...result.errors, ...result.warnings];
  equal(result.ok || result.errors.length > 0, true);
  for (const { line, column, what } of problems) {
    if (line === undefined || column === undefined) continue;
    ok(line >= 1 && line <= lines.length, what);
    ok(column >= 1 && column <= (lines[line - 1] ?? '').length + 1, what);
  }
}
