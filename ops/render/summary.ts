import { formatPart, type AccountingReport, type EndCount, type Sum } from '../../datapath/trace/accounting.ts';
import { count } from './count.ts';
import type { Look } from './look.ts';
import { formatTable, type Cell } from './table.ts';
import { printable } from './text-width.ts';

/** What a summary says besides the frames. */
export interface FlowSummary {
  /** Flows in the table at the end of the run. */
  readonly flows: number;
  /** Packets that a flow answered, and packets that were simulated. */
  readonly hits: number;
  readonly simulations: number;
}

const WORDS: Readonly<Record<EndCount['kind'], string>> = {
  forwarded: 'forwarded',
  consumed: 'consumed',
  dropped: 'dropped',
  'gave-up': 'gave up',
  'not-selected': 'not selected',
  unreadable: 'unreadable',
};

/** A run for people: where frames came from and how they ended, where frames left, the flows, and whether it all adds up. */
export function formatSummary(report: AccountingReport, flows: FlowSummary, look: Look): string {
  const blocks = [
    [...framesIn(report, look), ...elseLines(report)],
    [...framesOut(report, look), ...lostLines(report)],
    [flowLine(flows), ...limitedLines(report)],
    report.sums.map((sum) => sumLine(sum, look)),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => `${block.join('\n')}\n`)
    .join('\n');
}

function framesIn({ inputs, generated }: AccountingReport, look: Look): string[] {
  const rows: Cell[][] = [];
  const origins = generated.frames === 0 ? inputs : [...inputs, { name: '(made by devices)', byElse: 0, ...generated }];
  for (const { name, frames, ended } of origins) {
    const [first, ...others] = ended.map((end) => endCells(end, look));
    rows.push([name, String(frames), ...(first ?? ['', '', ''])]);
    for (const cells of others) rows.push(['', '', ...cells]);
  }
  if (rows.length === 0) return ['No frames came in: the run has no inputs.'];
  const columns = [
    { title: 'FRAMES FROM' },
    { title: 'IN', align: 'right' },
    { title: 'ENDED', align: 'right' },
    { title: 'AS' },
    { title: 'WHY' },
  ] as const;
  return formatTable(columns, rows, look);
}

/** What devices kept to themselves, so as not to flood (spec C12). */
function limitedLines({ limited }: AccountingReport): string[] {
  return limited.map(
    ({ cause, packets }) => `Held back: ${count(packets, cause)}, beyond what a port may send in a time`,
  );
}

/** Frames that no selector took are told apart: perhaps a selector was meant to. */
function elseLines({ inputs }: AccountingReport): string[] {
  const some = inputs.filter(({ byElse }) => byElse > 0);
  return some.map(({ name, byElse, frames }) =>
    printable(`${name}: no selector took ${byElse} of ${frames} frames; they entered by "else"`),
  );
}

function endCells({ kind, reason = '', frames }: EndCount, { paint }: Look): Cell[] {
  const colours = { forwarded: paint.good, consumed: paint.good, dropped: paint.bad, 'gave-up': paint.warn };
  const colour = kind === 'not-selected' || kind === 'unreadable' ? paint.warn : colours[kind];
  return [String(frames), { text: WORDS[kind], paint: colour }, reason];
}

function framesOut({ outputs }: AccountingReport, look: Look): string[] {
  if (outputs.length === 0) return ['No frame left the network.'];
  const columns = [
    { title: 'FRAMES TO' },
    { title: 'OUT', align: 'right' },
    { title: 'OCTETS', align: 'right' },
  ] as const;
  const rows = outputs.map(({ port, frames, octets }) => [port, String(frames), String(octets)]);
  return formatTable(columns, rows, look);
}

/** Copies that the network sent on, not knowing that nobody would take them. */
function lostLines({ lost }: AccountingReport): string[] {
  return lost.map(({ port, reason, frames }) => printable(`Lost behind ${port}: ${count(frames, 'frame')}, ${reason}`));
}

function flowLine({ flows, hits, simulations }: FlowSummary): string {
  return `Flows: ${flows} in the table; ${count(hits, 'packet')} met one, ${count(simulations, 'packet')} went from device to device`;
}

/** `✓ frames in 12 = 10 forwarded + 2 dropped`. */
function sumLine({ name, counted, parts, holds }: Sum, { paint, signs }: Look): string {
  const some = parts.filter(({ frames }) => frames > 0);
  const shown = some.length === 0 ? '0' : some.map(formatPart).join(' + ');
  const text = printable(`${name} ${counted} ${holds ? '=' : 'but'} ${shown}`);
  return holds ? `${paint.good(signs.good)} ${text}` : paint.bad(`${signs.bad} ${text}`);
}
