import { NsdbError } from '../../../topology/nsdb/nsdb-error.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { count } from '../../render/count.ts';
import type { Shell } from '../../shell.ts';
import { applyTopologyFile } from '../../topology/apply.ts';
import { onNetwork } from '../../topology/on-network.ts';
import { planOnly } from '../../topology/plan-named.ts';
import { Trouble } from '../../trouble.ts';
import { appliedJson, ApplyTeller } from './apply-teller.ts';
import { loadOrTell } from './load-or-tell.ts';
import { tellPlan } from './tell-plan.ts';

export interface ApplyOptions {
  readonly prune?: true;
  readonly dryRun?: true;
  readonly yes?: true;
  /** Seconds. */
  readonly wait: number;
  readonly output: 'text' | 'json';
}

const EXIT_OF = {
  unchanged: EXIT.fine,
  applied: EXIT.fine,
  declined: EXIT.unexpected,
  interrupted: EXIT.interrupted,
} as const;

/** Who was killed keeps the next one waiting for so long. */
const SESSION_TIMEOUT = 10_000;

/**
 * Makes the database have what a topology file says, and shows first what that takes.
 *
 * @returns `unexpected` where the user does not want that
 * @throws Trouble when the database cannot be reached, or refuses; when another is at it for too long
 */
export async function apply(path: string, options: ApplyOptions, shell: Shell): Promise<ExitCode> {
  const topology = await loadOrTell(path, shell);
  const { output, prune = false, wait, yes: isAgreed = false } = options;
  const isJson = output === 'json';
  if (options.dryRun === true) {
    const { named, others } = await planOnly(shell, topology, prune);
    if (isJson) shell.out(appliedJson(named, false));
    else tellPlan(named, shell, others);
    return EXIT.fine;
  }
  const teller = new ApplyTeller(shell, { isJson, isAgreed });
  const settings = { prune, patience: wait * 1000, signal: shell.signal };
  try {
    const applied = await onNetwork(
      shell,
      (nsdb, reports) =>
        applyTopologyFile(nsdb, reports, topology, settings, teller).catch((cause: unknown) => {
          throw lockTrouble(cause, wait);
        }),
      { sessionTimeout: SESSION_TIMEOUT, endsItself: true },
    );
    teller.ended(applied, path);
    return EXIT_OF[applied];
  } catch (cause) {
    teller.failed();
    throw cause;
  }
}

function lockTrouble(cause: unknown, wait: number): unknown {
  if (!(cause instanceof NsdbError) || cause.fault !== 'timeout') return cause;
  const sentence = `another "troupe topology apply" is at work on this database, and was not done within ${count(wait, 'second')}`;
  return new Trouble(`${sentence}; --wait says how long to wait`, EXIT.worldFailed, { cause });
}
