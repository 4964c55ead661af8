import { equal } from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Compares with a file that is kept. `UPDATE_GOLDEN=1 npm test` writes the files anew: read the difference before keeping it.
 *
 * @param path from the root of the project
 */
export function equalsGolden(actual: string, path: string): void {
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
  }
  equal(actual, readFileSync(path, 'utf8'), `differs from ${path}; UPDATE_GOLDEN=1 writes it anew`);
}
