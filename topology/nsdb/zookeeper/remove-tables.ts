import type { Link } from './link.ts';
import { removeTree } from './remove-tree.ts';

/**
 * Removes the tables of objects that were deleted, after the fact (spec 10 §4), also what lives in others' sessions; counted as under way.
 * Where this handle is closed before, they stay: "troupe nsdb check --repair" removes them.
 *
 * @param paths of what holds all tables of one object
 */
export function removeTables(link: Link, paths: readonly string[]): void {
  if (paths.length === 0) return;
  link.whenUp(async () => {
    // oxlint-disable-next-line eslint/no-await-in-loop -- one after another: nobody waits for it
    for (const path of paths) await link.read((client) => removeTree(client, path));
  });
}
