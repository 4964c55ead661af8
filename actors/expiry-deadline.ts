import type { FlowActions } from '../datapath/flow-actions.ts';
import type { FlowTable } from '../datapath/flow-table/flow-table.ts';
import type { Cancel, Timers } from '../topology/model/timers.ts';

/** Removes flows when their time is up. Keeps one deadline, for the flow that expires next. */
export class ExpiryDeadline {
  readonly #flows: FlowTable<FlowActions>;
  readonly #timers: Timers;
  #next: { readonly at: number; readonly cancel: Cancel } | undefined;

  constructor(flows: FlowTable<FlowActions>, timers: Timers) {
    this.#flows = flows;
    this.#timers = timers;
  }

  /** A flow has come, or some have gone: the next expiry may be sooner than the one that is waited for. */
  mind(): void {
    const at = this.#flows.nextExpiry();
    if (at === undefined || (this.#next !== undefined && this.#next.at <= at)) return;
    this.#next?.cancel();
    const cancel = this.#timers.at(at, () => {
      this.#next = undefined;
      this.#flows.expire(this.#timers.now());
      this.mind();
    });
    this.#next = { at, cancel };
  }

  close(): void {
    this.#next?.cancel();
  }
}
