import { lagOf, type EnsembleStatus, type EnsembleVerdict } from '../../topology/nsdb/zookeeper/ensemble-status.ts';
import type { ServerFigures, ServerStatus } from '../../topology/nsdb/zookeeper/server-status.ts';
import { formatBytes, formatSpan } from './amount.ts';
import type { Paint } from './colour.ts';
import type { Look } from './look.ts';
import { formatTable, type Cell } from './table.ts';

const COLUMNS = [
  { title: 'SERVER' },
  { title: 'ROLE' },
  { title: 'LATENCY ms', align: 'right' },
  { title: 'FSYNC ms', align: 'right' },
  { title: 'SESSIONS', align: 'right' },
  { title: 'WATCHES', align: 'right' },
  { title: 'NODES', align: 'right' },
  { title: 'LAG', align: 'right' },
  { title: 'DISK', align: 'right' },
  { title: 'UP', align: 'right' },
  { title: 'VERSION' },
] as const;

const SIGNS = {
  fine: ['good', 'good'],
  degraded: ['wait', 'warn'],
  'no-quorum': ['bad', 'bad'],
} as const satisfies Readonly<Record<EnsembleVerdict, readonly [keyof Look['signs'], keyof Paint]>>;

/** An ensemble for people: a row for each server, what is wrong with each, what it all comes to. */
export function formatEnsemble(status: EnsembleStatus, look: Look): string {
  const rows = status.servers.map((server) => rowOf(server, status, look));
  const { paint, signs } = look;
  const [sign, colour] = SIGNS[status.verdict];
  const lines = [
    ...formatTable(COLUMNS, rows, look),
    '',
    ...status.servers.flatMap((server) => complaintsOf(server).map((what) => `${paint.bad(signs.bad)} ${what}`)),
    ...status.problems.map((problem) => `${paint.bad(signs.bad)} ${problem}`),
    paint[colour](`${signs[sign]} ${status.sentence}`),
    ...status.notes.map((note) => paint.quiet(`note: ${note}`)),
  ];
  return `${lines.join('\n')}\n`;
}

function rowOf(server: ServerStatus, status: EnsembleStatus, { paint }: Look): readonly Cell[] {
  const name = { text: server.server, paint: paint.strong };
  if (server.kind !== 'serving') {
    return [name, { text: server.kind === 'silent' ? 'down' : 'no quorum', paint: paint.bad }];
  }
  const { figures, role } = server;
  const { latency, fsync } = figures;
  const lag = lagOf(server, status);
  return [
    name,
    { text: role ?? '?', paint: role === 'leader' ? paint.good : paint.plain },
    latency === undefined ? '?' : `${latency.min}/${latency.avg}/${latency.max}`,
    fsync === undefined ? '?' : `${fsync.avg}/${fsync.max}`,
    figures.sessions?.toString() ?? '?',
    figures.watches?.toString() ?? '?',
    figures.nodes?.toString() ?? '?',
    lag?.toString() ?? (role === 'leader' || role === 'standalone' ? '' : '?'),
    diskOf(figures),
    figures.uptime === undefined ? '?' : formatSpan(figures.uptime),
    figures.version ?? '?',
  ];
}

/** Snapshots and logs; once where both are in one folder, for then the server tells the same of each. */
function diskOf({ dataBytes, logBytes }: ServerFigures): string {
  if (dataBytes === undefined || logBytes === undefined) return '?';
  return dataBytes === logBytes ? formatBytes(dataBytes) : `${formatBytes(dataBytes)} + ${formatBytes(logBytes)}`;
}

function complaintsOf(server: ServerStatus): readonly string[] {
  if (server.kind === 'silent') return [`${server.server} ${server.why}`];
  if (server.kind === 'not-serving') return [`${server.server} is up, but together with too few others to serve`];
  return [];
}
