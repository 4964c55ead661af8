import type { Look } from './look.ts';
import { clip, printable, widthOf } from './text-width.ts';

/** A cell: text alone, or text with the colour it gets once its place is known. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

export interface Column {
  readonly title: string;
  /** Numbers stand right. */
  readonly align?: 'left' | 'right';
}

const GAP = '  ';
/** No column is made narrower than this to fit a terminal. */
const NARROWEST = 12;

/**
 * Draws rows under titles, without borders. On a terminal too narrow for them the widest columns are cut short, so that a row
 * stays a line; elsewhere nothing is.
 *
 * @returns lines without trailing blanks; none of them for no rows at all is the caller's to explain
 */
export function formatTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], look: Look): string[] {
  const head = columns.map(({ title }) => ({ text: title, paint: look.paint.quiet }));
  const body = columns.some(({ title }) => title !== '') ? [head, ...rows] : rows;
  return alignRows(columns, body, look);
}

function alignRows(columns: readonly Column[], rows: readonly (readonly Cell[])[], look: Look): string[] {
  const texts = rows.map((row) => columns.map((_, at) => printable(textOf(row[at] ?? ''))));
  const natural = columns.map((_, at) => texts.reduce((widest, row) => Math.max(widest, widthOf(row[at] ?? '')), 0));
  const widths = look.width === undefined ? natural : squeeze(natural, look.width - GAP.length * (columns.length - 1));

  return texts.map((row, line) => {
    const cells = columns.map(({ align }, at) => {
      const width = widths[at] ?? 0;
      const text = clip(row[at] ?? '', width, look.signs.ellipsis);
      const blank = ' '.repeat(Math.max(0, width - widthOf(text)));
      const cell = rows[line]?.[at] ?? '';
      const painted = typeof cell === 'string' ? text : cell.paint(text);
      if (text === '' || align !== 'right') return { text: text === '' ? '' : painted, blank };
      return { text: blank + painted, blank: '' };
    });
    return joinTrimmed(cells);
  });
}

/** Joins cells by the gap; blanks behind the last text are not written. */
function joinTrimmed(cells: readonly { readonly text: string; readonly blank: string }[]): string {
  let line = '';
  let pending = '';
  for (const { text, blank } of cells) {
    if (text !== '') {
      line += pending + text;
      pending = '';
    }
    pending += blank + GAP;
  }
  return line;
}

/** Takes columns off the widest until all fit, or all are as narrow as they may be. */
function squeeze(natural: readonly number[], room: number): readonly number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    const at = widths.lastIndexOf(widest);
    const second = Math.max(NARROWEST, ...widths.filter((width) => width < widest));
    const cut = Math.min(excess, Math.max(1, widest - second));
    widths[at] = widest - cut;
    excess -= cut;
  }
  return widths;
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}
