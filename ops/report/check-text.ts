import type { CheckResult, Failure, FrameNote, Nearest } from '../../actors/scenario/expectations/failure.ts';
import type { Where } from '../../actors/scenario/scenario.ts';
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

function linesOf({ kind, where, title, failure }: CheckResult, look: Look): readonly string[] {
  const { paint, signs } = look;
  const text = printable(title);
  if (failure === undefined) return [`${paint.good(signs.good)} ${text}`];
  const place = where === undefined ? '' : paint.quiet(`  (${formatWhere(where)})`);
  return [
    '',
    `${paint.bad(signs.bad)} ${paint.strong(text)}${place}`,
    ...formatFailure(kind, failure, look).map((line) => `    ${line}`),
  ];
}

/**
 * What a failure shows under its title.
 *
 * @returns lines; the first two say what was expected and received
 */
export function formatFailure(
  kind: CheckResult['kind'],
  { expected, received, nearest, examples, trace }: Failure,
  look: Look,
): readonly string[] {
  const lines = [`expected  ${expected}`, `received  ${received}`];
  for (const example of examples) lines.push(`  ${noteOf(example)}`);
  const more = Number(received) - examples.length;
  if (examples.length > 0 && more > 0) lines.push(`  ... and ${more} more`);
  if (nearest !== undefined) lines.push('', ...nearestLines(nearest, look));
  else if (examples.length === 0 && kind !== 'run') lines.push('nothing came near');
  if (trace !== undefined) {
    const story = formatTrace(trace, 'summary', look).trimEnd().split('\n');
    lines.push('', `where packet ${trace.packet} went:`, ...story.map((line) => (line === '' ? '' : `  ${line}`)));
  }
  return lines;
}

const NEAREST = {
  'frame-out': 'nearest frame',
  'frame-in': 'nearest packet, which never left',
  packet: 'nearest packet',
  flow: 'nearest flow',
  path: 'the way it went',
  expectation: 'nearest to one expected',
} as const;

/** Fields that ought not be there are many when an exact frame is another one: people see so many, programs all. */
const SHOWN_SURPLUS = 6;

function nearestLines({ what, frame, expectation, fields }: Nearest, look: Look): readonly string[] {
  const isSurplus = fields.every(({ isEqual }) => isEqual);
  const title = isSurplus ? 'the first too many' : NEAREST[what];
  const nothing = what === 'flow' ? 'not matched on' : '(none)';
  const surplus = fields.filter(({ expected, isEqual }) => expected === undefined && !isEqual);
  const hidden = new Set(surplus.length > SHOWN_SURPLUS + 1 ? surplus.slice(SHOWN_SURPLUS) : []);
  const shown = fields.filter((field) => !hidden.has(field));
  const rows = shown.map(({ field, expected = nothing, received = nothing, isEqual }) => {
    const paint = isEqual ? look.paint.plain : look.paint.bad;
    return [{ text: isEqual ? ' ' : look.signs.bad, paint }, field, expected, { text: received, paint }];
  });
  const columns = ['', 'field', 'expected', 'received'].map((column) => ({ title: column }));
  return [
    frame === undefined ? title : `${title}: ${noteOf(frame)}`,
    ...(expectation === undefined ? [] : [`  expected is ${placed(expectation)}`]),
    ...formatTable(columns, rows, look).map((line) => `  ${line}`),
    ...(hidden.size === 0 ? [] : [`  ... and ${hidden.size} more that were not expected`]),
  ];
}

function placed({ title, where }: Pick<CheckResult, 'title' | 'where'>): string {
  return printable(title) + (where === undefined ? '' : `  (${formatWhere(where)})`);
}

function formatWhere({ path, line, column }: Where): string {
  return `${path}:${line}:${column}`;
}

function noteOf({ port, at, packet, summary }: FrameNote): string {
  return printable(`${summary}, packet ${packet} at ${port}, ${at} s`);
}
