import type { CheckResult, Failure, FrameNote, Nearest } from '../../actors/scenario/expectations/failure.ts';
import type { Look } from '../render/look.ts';
import { formatTable } from '../render/table.ts';
import { printable } from '../render/text-width.ts';
import { formatTrace } from '../render/trace-text.ts';

/**
 * How the expectations of a run fared, for people: a line for what holds, for what does not also what was expected and received field
 * by field, and where the packet went instead.
 *
 * @returns lines, the last one the sum
 */
export function formatChecks(results: readonly CheckResult[], look: Look): readonly string[] {
  if (results.length === 0)
    return [look.paint.warn('Nothing was expected of this run: it passes, whatever came of it.')];
  const failed = results.filter(({ failure }) => failure !== undefined).length;
  const sum =
    failed === 0
      ? look.paint.good(`${counted(results.length)} met`)
      : look.paint.bad(`${failed} of ${counted(results.length)} not met`);
  return [...results.flatMap((result) => linesOf(result, look)), '', sum];
}

function counted(count: number): string {
  return count === 1 ? '1 expectation' : `${count} expectations`;
}

function linesOf({ where, title, failure }: CheckResult, look: Look): readonly string[] {
  const { paint, signs } = look;
  const text = printable(title);
  if (failure === undefined) return [`${paint.good(signs.good)} ${text}`];
  const place = where === undefined ? '' : paint.quiet(`  (${where.path}:${where.line}:${where.column})`);
  return [
    '',
    `${paint.bad(signs.bad)} ${paint.strong(text)}${place}`,
    ...detailsOf(failure, look).map((line) => `    ${line}`),
  ];
}

function detailsOf({ expected, received, nearest, examples, trace }: Failure, look: Look): readonly string[] {
  const lines = [`expected  ${expected}`, `received  ${received}`];
  for (const example of examples) lines.push(`  ${noteOf(example)}`);
  const more = Number(received) - examples.length;
  if (examples.length > 0 && more > 0) lines.push(`  ... and ${more} more`);
  if (nearest !== undefined) lines.push('', ...nearestLines(nearest, look));
  if (trace !== undefined) {
    const story = formatTrace(trace, 'summary', look).trimEnd().split('\n');
    lines.push('', `where packet ${trace.packet} went:`, ...story.map((line) => (line === '' ? '' : `  ${line}`)));
  }
  return lines;
}

const NEAREST = {
  'frame-out': 'nearest frame',
  'frame-in': 'nearest packet, which never left',
  flow: 'nearest flow',
  path: 'the way it went',
} as const;

function nearestLines({ what, frame, fields }: Nearest, look: Look): readonly string[] {
  const note = frame === undefined ? '' : `: ${noteOf(frame)}`;
  const rows = fields.map(({ field, expected = '(none)', received = '(none)', isEqual }) => {
    const paint = isEqual ? look.paint.plain : look.paint.bad;
    return [{ text: isEqual ? ' ' : look.signs.bad, paint }, field, expected, { text: received, paint }];
  });
  const columns = ['', 'field', 'expected', 'received'].map((title) => ({ title }));
  return [`${NEAREST[what]}${note}`, ...formatTable(columns, rows, look).map((line) => `  ${line}`)];
}

function noteOf({ port, at, packet, summary }: FrameNote): string {
  return printable(`${summary}, packet ${packet} at ${port}, ${at} s`);
}
