import { NsdbError } from '../../../topology/nsdb/nsdb-error.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { count } from '../../render/count.ts';
import { planJson } from '../../render/plan-json.ts';
import type { Shell } from '../../shell.ts';
import { applyTopologyFile, type Applied, type ApplyListener } from '../../topology/apply.ts';
import type { NamedPlan } from '../../topology/named-plan.ts';
import { onNetwork } from '../../topology/on-network.ts';
import { planNamed } from '../../topology/plan-named.ts';
import { Trouble } from '../../trouble.ts';
import { loadOrTell } from './load-or-tell.ts';
import { tellPlan } from './tell-plan.ts';

export interface ApplyOptions {
  readonly prune?: true;
  readonly dryRun?: true;
  /** Seconds. */
  readonly wait: number;
  readonly output: 'text' | 'json';
}

/** Who was killed keeps the next one waiting for so long. */
const SESSION_TIMEOUT = 10_000;

/**
 * Makes the database have what a topology file says, and shows first what that takes.
 *
 * @throws Trouble when the database cannot be reached, or refuses; when another is at it for too long
 */
export async function apply(path: string, options: ApplyOptions, shell: Shell): Promise<ExitCode> {
  const topology = await loadOrTell(path, shell);
  const { output, prune = false, wait } = options;
  if (options.dryRun === true) {
    const { named, others } = await onNetwork(shell, (nsdb, reports) => planNamed(nsdb, reports, topology, prune));
    if (output === 'json') shell.out(jsonOf(named, false));
    else tellPlan(named, shell, others);
    return EXIT.fine;
  }
  const listener = new Listener(shell, output === 'json');
  const work = onNetwork(
    shell,
    (nsdb, reports) => {
      const settings = { prune, patience: wait * 1000, signal: shell.signal };
      return applyTopologyFile(nsdb, reports, topology, settings, listener).catch((cause: unknown) => {
        throw lockTrouble(cause, wait);
      });
    },
    { sessionTimeout: SESSION_TIMEOUT },
  );
  try {
    const applied = await work;
    listener.ended(applied, path);
    return EXIT.fine;
  } catch (cause) {
    listener.failed();
    throw cause;
  }
}

/** Tells how it goes: the plan on standard output, all else on standard error. */
class Listener implements ApplyListener {
  readonly #shell: Shell;
  readonly #isJson: boolean;
  #named: NamedPlan | undefined;
  #progress: readonly [done: number, of: number] | undefined;

  constructor(shell: Shell, isJson: boolean) {
    this.#shell = shell;
    this.#isJson = isJson;
  }

  waiting(): void {
    if (!this.#shell.quiet) this.#shell.err('another "troupe topology apply" is at work on this database: waiting\n');
  }

  planned(named: NamedPlan, others: number): void {
    if (this.#named !== undefined && !this.#shell.quiet) {
      this.#shell.err('somebody changed the network meanwhile: planned anew\n');
    }
    this.#named = named;
    if (!this.#isJson) tellPlan(named, this.#shell, others);
  }

  done(steps: number, of: number): void {
    this.#progress = [steps, of];
  }

  ended(applied: Applied, path: string): void {
    if (applied === 'interrupted') this.failed();
    else if (this.#isJson && this.#named !== undefined) this.#shell.out(jsonOf(this.#named, applied === 'applied'));
    else if (applied === 'applied') this.#shell.out(`Applied ${path}.\n`);
  }

  failed(): void {
    if (this.#progress === undefined) return;
    const [done, of] = this.#progress;
    if (done === 0) this.#shell.err('troupe: nothing was changed\n');
    else this.#shell.err(`troupe: ${done} of ${count(of, 'step')} are done; applying again does the rest\n`);
  }
}

function jsonOf(named: NamedPlan, applied: boolean): string {
  return `${JSON.stringify({ version: 1, applied, ...planJson(named) }, undefined, 2)}\n`;
}

function lockTrouble(cause: unknown, wait: number): unknown {
  if (!(cause instanceof NsdbError) || cause.fault !== 'timeout') return cause;
  const sentence = `another "troupe topology apply" is at work on this database, and was not done within ${count(wait, 'second')}`;
  return new Trouble(`${sentence}; --wait says how long to wait`, EXIT.worldFailed, { cause });
}
