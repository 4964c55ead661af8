import { listTree, type ListedNode, type OpenNode } from '../../../topology/nsdb/zookeeper/upkeep/tree-listing.ts';
import { formatRights } from '../../../topology/nsdb/zookeeper/upkeep/check-rights.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { withUpkeep } from '../../nsdb/with-upkeep.ts';
import { formatListing } from '../../render/listing-text.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';
import type { OpenLine, TreeLine, TreeOutput } from './outputs.ts';

export interface TreeFlags {
  /** Levels below the path. */
  readonly depth?: string;
  readonly output: 'text' | 'json' | 'ndjson';
}

/** Shows nodes of the database. */
export async function showTree(path: string, { depth, output }: TreeFlags, shell: Shell): Promise<ExitCode> {
  if (!/^\/$|^(\/[^/]+)+$/.test(path)) throw new Trouble(`"${path}" is no path, expected one like /zoom/0/models`);
  if (depth !== undefined && !/^\d{1,6}$/.test(depth)) {
    throw new Trouble(`--depth: "${depth}" is wrong, expected a number of levels`);
  }
  const levels = depth === undefined ? Infinity : Number(depth);
  const { tree, root } = await withUpkeep(shell, async (session, address) => ({
    tree: await listTree(session, path, levels),
    root: address.root,
  }));
  if (output === 'text') shell.out(formatListing(tree, root, shell.quiet, shell.look));
  else {
    const told: TreeOutput = { version: 1, root, nodes: [...linesOf(tree)] };
    if (output === 'json') shell.out(`${JSON.stringify(told, undefined, 2)}\n`);
    else for (const node of told.nodes) shell.out(`${JSON.stringify(node)}\n`);
  }
  return EXIT.fine;
}

function* linesOf(node: ListedNode): Iterable<TreeLine> {
  if (node.kind === 'closed') {
    yield { path: node.path, closed: true };
    return;
  }
  yield lineOf(node);
  for (const child of node.children ?? []) yield* linesOf(child);
}

function lineOf({ path, name, bytes, stat, others, stranger }: OpenNode): OpenLine {
  return {
    path,
    name,
    bytes,
    version: stat.version,
    children: stat.childCount,
    created: new Date(stat.createdAt).toISOString(),
    modified: new Date(stat.modifiedAt).toISOString(),
    session: stat.owner === '' ? undefined : `0x${stat.owner}`,
    rights: others && formatRights(others),
    stranger,
  };
}
