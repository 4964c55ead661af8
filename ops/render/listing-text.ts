import { formatRights } from '../../topology/nsdb/zookeeper/upkeep/check-rights.ts';
import type { ListedNode, OpenNode } from '../../topology/nsdb/zookeeper/upkeep/tree-listing.ts';
import { formatBytes } from './amount.ts';
import { count } from './count.ts';
import type { Look } from './look.ts';
import { formatTable, type Cell } from './table.ts';

const COLUMNS = [
  { title: 'NODE' },
  { title: 'SIZE', align: 'right' },
  { title: 'VERSION', align: 'right' },
  { title: 'CHANGED' },
  { title: '' },
] as const;

/** Nodes of the database for people: a row for each, under its parent. */
export function formatListing(tree: OpenNode, root: string, isQuiet: boolean, look: Look): string {
  const rows = [...rowsOf(tree, '', '', look)];
  const lines = formatTable(COLUMNS, rows, look);
  if (!isQuiet) lines.push('', look.paint.quiet(`${count(rows.length, 'node')} of ${root}`));
  return `${lines.join('\n')}\n`;
}

/** @param head what stands before the node, @param rest what stands before those under it */
function* rowsOf(node: ListedNode, head: string, rest: string, look: Look): Iterable<readonly Cell[]> {
  const { paint, signs } = look;
  const label = head === '' ? node.path : node.path.slice(node.path.lastIndexOf('/') + 1);
  if (node.kind === 'closed') {
    yield [`${head}${label}`, '', '', '', { text: 'closed to these credentials: others made it', paint: paint.bad }];
    return;
  }
  const { name, bytes, stat, children } = node;
  const note = noteOf(node, look);
  const size = bytes === 0 ? '' : formatBytes(bytes);
  const changed = new Date(stat.modifiedAt).toISOString();
  yield [
    `${head}${label}${name === undefined ? '' : ` ${JSON.stringify(name)}`}`,
    size,
    String(stat.version),
    { text: changed, paint: paint.quiet },
    note,
  ];
  for (const [n, child] of (children ?? []).entries()) {
    const isLast = n === (children?.length ?? 0) - 1;
    yield* rowsOf(child, rest + (isLast ? signs.lastFork : signs.fork), rest + (isLast ? '   ' : signs.along), look);
  }
}

function noteOf({ stat, others, stranger, children }: OpenNode, { paint }: Look): Cell {
  const odd = [...(stranger === undefined ? [] : [stranger]), ...(others === undefined ? [] : [formatRights(others)])];
  const plain = [
    ...(stat.owner === '' ? [] : [`lives in session 0x${stat.owner}`]),
    ...(children === undefined ? [`${stat.childCount} below`] : []),
  ];
  return { text: [...odd, ...plain].join('; '), paint: odd.length > 0 ? paint.warn : paint.quiet };
}
