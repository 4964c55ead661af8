import { check, type CheckReport } from '../../../topology/nsdb/zookeeper/upkeep/check.ts';
import type { Finding } from '../../../topology/nsdb/zookeeper/upkeep/finding.ts';
import { formatZxid } from '../../../topology/nsdb/zookeeper/zxid.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { withUpkeep } from '../../nsdb/with-upkeep.ts';
import { formatFindings } from '../../render/findings-text.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';
import type { CheckOutput, FindingOutput } from './outputs.ts';

export interface CheckFlags {
  readonly repair?: true;
  readonly discard?: true;
  readonly output: 'text' | 'json';
}

const cutShort = () => 'what was mended until now stays so; check again to see the rest';

/** Looks through the database for what is wrong, and mends it if told to. */
export async function checkDatabase({ repair, discard, output }: CheckFlags, shell: Shell): Promise<ExitCode> {
  if (discard === true && repair !== true) throw new Trouble('--discard is said along with --repair, or not at all');
  const options = { isRepairing: repair === true, isDiscarding: discard === true };
  const report = await withUpkeep(shell, (session) => check(session, options), repair === true ? cutShort : undefined);
  if (output === 'json') shell.out(`${JSON.stringify(jsonOf(report), undefined, 2)}\n`);
  else shell.out(formatFindings(report, options, shell.quiet, shell.look));
  return isClean(report) ? EXIT.fine : EXIT.unexpected;
}

function isClean({ findings, unsettled }: CheckReport): boolean {
  return findings.length === 0 && unsettled === 0;
}

function jsonOf(report: CheckReport): CheckOutput {
  const { zxid, nodes, objects, findings, mended, unsettled } = report;
  return {
    version: 1,
    clean: isClean(report),
    zxid: formatZxid(zxid),
    nodes,
    objects,
    unsettled,
    findings: findings.map(findingOf),
    mended: mended.map(findingOf),
  };
}

function findingOf({ kind, path, name, what, repair }: Finding): FindingOutput {
  return { kind, path, name, what, repair: repair && { what: repair.what, loss: repair.isLoss } };
}
