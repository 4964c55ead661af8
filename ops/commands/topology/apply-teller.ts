import { count } from '../../render/count.ts';
import { planJson } from '../../render/plan-json.ts';
import { formatNsdbAddress } from '../../settings/nsdb-address.ts';
import type { Shell } from '../../shell.ts';
import type { Applied, ApplyListener } from '../../topology/apply.ts';
import type { NamedPlan } from '../../topology/named-plan.ts';
import type { ApplyOutput } from './outputs.ts';
import { tellPlan } from './tell-plan.ts';

/** What the teller has to know of how it was called. */
export interface Telling {
  readonly isJson: boolean;
  /** Whether nobody is to be asked. */
  readonly isAgreed: boolean;
}

/** Tells how applying goes: the plan on standard output, all else on standard error. Asks who sits before a terminal before it is done. */
export class ApplyTeller implements ApplyListener {
  readonly #shell: Shell;
  readonly #telling: Telling;
  #named: NamedPlan | undefined;
  /** Of the last plan. */
  #progress: readonly [done: number, of: number] | undefined;
  #hasChanged = false;

  constructor(shell: Shell, telling: Telling) {
    this.#shell = shell;
    this.#telling = telling;
  }

  waiting(): void {
    this.#note('another "troupe topology apply" is at work on this database: waiting');
  }

  planned(named: NamedPlan, others: number): void {
    if (this.#named !== undefined) this.#note('somebody changed the network meanwhile: planned anew');
    this.#named = named;
    if (!this.#telling.isJson) tellPlan(named, this.#shell, others);
  }

  async agreed(): Promise<boolean> {
    const { ask, settings } = this.#shell;
    if (ask === undefined || this.#telling.isAgreed || this.#telling.isJson) return true;
    const answer = await ask(`Apply this to ${formatNsdbAddress(settings.values.nsdb)}? [y/N] `);
    return /^\s*y(es)?\s*$/i.test(answer ?? '');
  }

  done(steps: number, of: number): void {
    this.#progress = [steps, of];
    this.#hasChanged ||= steps > 0;
  }

  /** @param path the file's */
  ended(applied: Applied, path: string): void {
    const { out, err } = this.#shell;
    if (applied === 'interrupted' || applied === 'declined') {
      if (this.#hasChanged) this.failed();
      else if (this.#named !== undefined) err('troupe: nothing was changed\n');
    } else if (this.#telling.isJson && this.#named !== undefined) {
      out(appliedJson(this.#named, applied === 'applied'));
    } else if (applied === 'applied') {
      out(`Applied ${path}.\n`);
    }
  }

  /** Says how far it came, where it began. A step whose answer was lost may be done too. */
  failed(): void {
    if (this.#progress === undefined) return;
    const [done, of] = this.#progress;
    this.#shell.err(`troupe: known to be done: ${done} of ${count(of, 'step')}; applying again does the rest\n`);
  }

  #note(message: string): void {
    if (!this.#shell.quiet) this.#shell.err(`${message}\n`);
  }
}

/** A plan for programs, and whether it was carried out. */
export function appliedJson(named: NamedPlan, applied: boolean): string {
  const told: ApplyOutput = { version: 1, applied, ...planJson(named) };
  return `${JSON.stringify(told, undefined, 2)}\n`;
}
