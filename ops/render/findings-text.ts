import type { CheckOptions, CheckReport } from '../../topology/nsdb/zookeeper/upkeep/check.ts';
import type { Finding } from '../../topology/nsdb/zookeeper/upkeep/finding.ts';
import { formatZxid } from '../../topology/nsdb/zookeeper/zxid.ts';
import { count } from './count.ts';
import type { Look } from './look.ts';
import { printable } from './text-width.ts';

/** What a check of the database came to, for people: each finding with what mends it, then what was mended, then a summary. */
export function formatFindings(
  report: CheckReport,
  { isRepairing }: CheckOptions,
  isQuiet: boolean,
  look: Look,
): string {
  const { paint, signs } = look;
  const { findings, mended } = report;
  const told = (finding: Finding, sign: string, then: string) => [
    `${sign} ${paint.strong(printable(finding.path))}${nameOf(finding)}: ${printable(finding.what)}`,
    `    ${then}`,
  ];
  const lines = [
    ...mended.flatMap((finding) => told(finding, paint.good(signs.good), `mended: ${finding.repair?.what ?? ''}`)),
    ...findings.flatMap((finding) => told(finding, signOf(finding, look), paint.quiet(hintOf(finding, isRepairing)))),
    ...(isQuiet ? [] : [summaryOf(report, isRepairing, look)]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function signOf({ kind }: Finding, { paint, signs }: Look): string {
  return kind === 'leftover' ? paint.warn(signs.wait) : paint.bad(signs.bad);
}

function nameOf({ name }: Finding): string {
  return name === undefined ? '' : ` ${printable(JSON.stringify(name))}`;
}

function hintOf({ repair }: Finding, isRepairing: boolean): string {
  if (repair === undefined) return 'nobody but a person can mend it';
  if (repair.isLoss) return `--repair --discard ${repair.what}`;
  return isRepairing ? 'could not be mended: others keep changing it, or hold its rights' : `--repair ${repair.what}`;
}

function summaryOf(
  { zxid, nodes, objects, findings, mended, unsettled }: CheckReport,
  isRepairing: boolean,
  look: Look,
): string {
  const { paint, signs } = look;
  const scope = `${count(nodes, 'node')}, ${count(objects, 'object')}, as of ${formatZxid(zxid)}`;
  const busy = unsettled === 0 ? '' : `; perhaps ${unsettled} more, where others kept writing: check again`;
  const done = mended.length === 0 ? '' : `${mended.length} mended, `;
  if (findings.length === 0) {
    const sign = unsettled === 0 ? paint.good(signs.good) : paint.warn(signs.wait);
    return `${sign} ${done}${unsettled === 0 ? 'clean' : 'nothing found'}: ${scope}${busy}`;
  }
  const safe = findings.filter(({ repair }) => repair?.isLoss === false).length;
  const lossy = findings.filter(({ repair }) => repair?.isLoss === true).length;
  const ways = [
    ...(safe > 0 && !isRepairing ? [`--repair mends ${safe}`] : []),
    ...(lossy > 0
      ? [`--repair --discard ${isRepairing || safe === 0 ? '' : 'also '}deletes what nobody can read: ${lossy}`]
      : []),
  ];
  const hint = ways.length === 0 ? '' : ` (${ways.join('; ')})`;
  return `${paint.bad(signs.bad)} ${done}${count(findings.length, 'finding')}${hint} in ${scope}${busy}`;
}
