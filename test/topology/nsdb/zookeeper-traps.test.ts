import { deepEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const FOLDER = 'test/topology/nsdb';
/** Where tests are that the table quotes by a letter. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  C: ['zookeeper-client-suite.ts'],
  F: ['zookeeper-faults-suite.ts'],
  H: ['history/ensemble-history.test.ts'],
  O: ['zookeeper-own-server.test.ts'],
  S: ['model-suite.ts', 'objects-suite.ts', 'state-suite.ts', 'tables-suite.ts'],
  Z: ['zookeeper-suite.ts'],
};

describe('the table of what the ZooKeeper client lacks', () => {
  const rows = readFileSync('docs/zookeeper-client.md', 'utf8')
    .split('\n')
    .filter((line) => /^\| +\d+ +\|/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));

  it('is numbered, and has a guard and a test for each trap', () => {
    ok(rows.length > 20);
    deepEqual(
      rows.map(([, number]) => Number(number)),
      rows.map((_, n) => n + 1),
    );
    for (const [, number, trap = '', guard = '', tests = ''] of rows) {
      ok(trap.length > 10 && guard.length > 5 && /^[CFHOSZ]: /.test(tests), `row ${number}`);
    }
  });

  it('quotes tests that there are', () => {
    const sources = Object.entries(FILES).map(
      ([letter, names]) => [letter, names.map((name) => readFileSync(`${FOLDER}/${name}`, 'utf8')).join('\n')] as const,
    );
    const texts = new Map(sources);
    for (const [, number, , , tests = ''] of rows) {
      for (const [, letter = '', title] of tests.matchAll(/(?:^|; )([A-Z]): (.*?)(?=; [A-Z]: |$)/g)) {
        ok(texts.get(letter)?.includes(`it('${title}', `), `row ${number}: ${letter}: ${title}`);
      }
    }
  });
});
