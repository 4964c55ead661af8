import type { FlowActions } from '../datapath/flow-actions.ts';
import type { FlowView, Removal } from '../datapath/flow-table/flow.ts';
import {
  MOST_FLOWS,
  type ChangeCause,
  type ChangeEffect,
  type ChangeStep,
  type ChangeTrace,
  type RemovedFlow,
} from '../datapath/trace/change-trace.ts';
import type { Tag } from '../simulation/tag.ts';
import type { ClassName } from '../topology/model/bindings.ts';
import type { Uuid } from '../topology/model/ids.ts';
import { formatInstant, type Instant } from '../topology/model/time.ts';
import type { Nsdb, Version } from '../topology/nsdb/nsdb.ts';
import { CLUSTER } from '../topology/nsdb/state-keys.ts';
import type { Directory } from './directory.ts';
import { textOf } from './feed/fields.ts';
import { formatFlow } from './trace-flow.ts';

/** Something in the database that differs from what was read of it before. */
export interface ChangedPart {
  readonly class: ClassName;
  readonly id: Uuid;
  /** Which of it: a field of referrers, a state key, a table and its entry. Undefined: the object itself. */
  readonly part?: string;
  /** The object's, where it is still there. */
  readonly version?: Version;
  /** In whose name a state key is published: that of a host, or of the cluster. */
  readonly namespace?: Uuid;
  /** The handle that learned an entry of a table, where that is this one. */
  readonly learner?: string | undefined;
  /** Of a state key or an entry of a table: its value before, and now; undefined where there is none. */
  readonly values?: readonly [was: string | undefined, is: string | undefined];
}

/** An entry of a table that changed, in words. */
export interface ChangedEntry {
  readonly key: string;
  /** Whether it is this agent that learned what shows now. */
  readonly isOwn: boolean;
  readonly was: string | undefined;
  readonly is: string | undefined;
}

/** A part, and when the database told us. */
export interface HeardPart extends ChangedPart {
  readonly heard: ChangeStep;
}

/** What is around a change log. */
export interface ChangeSurroundings {
  readonly nsdb: Nsdb;
  readonly directory: Directory;
  readonly now: () => Instant;
  /** A fact that a flow rests on, in words. */
  readonly factOf: (tag: Tag) => string;
  /** Milliseconds of the epoch with a fraction, where timings are wanted. */
  readonly clock?: () => number;
  /** Whether the database goes by such a clock as well: then it is told when the write was. */
  readonly isDatabaseTimed?: boolean;
  /** Hears of each change that made a device anew or removed a flow, in order. */
  readonly told: (trace: ChangeTrace) => void;
}

interface OpenChange {
  readonly steps: ChangeStep[];
  readonly facts: Map<string, number>;
  readonly flows: RemovedFlow[];
}

/** Follows changes of the database through the agent: who wrote, when it was heard, which device was made anew, which flows went. */
export class ChangeLog {
  readonly #around: ChangeSurroundings;
  #current: OpenChange | undefined;
  #changes = 0;
  /** Behind it, all changes so far have been told. */
  #telling: Promise<void> = Promise.resolve();
  #untold = 0;

  constructor(around: ChangeSurroundings) {
    this.#around = around;
  }

  /** Whether every change has been told. */
  get idle(): boolean {
    return this.#untold === 0;
  }

  heard(part: ChangedPart): HeardPart {
    return { ...part, heard: this.#step('heard') };
  }

  /**
   * Does what a change asks for, and tells of it: of what is given to {@link took} and {@link removed} until it returns.
   *
   * @param parts what differs; when there is nothing, nothing is told
   */
  during(device: Uuid, effect: ChangeEffect, parts: readonly HeardPart[], work: () => void): void {
    const open: OpenChange = { steps: effect === 'entry' ? [] : [this.#step('read')], facts: new Map(), flows: [] };
    this.#current = open;
    try {
      work();
    } finally {
      this.#current = undefined;
    }
    if (parts.length === 0 || (effect === 'entry' && open.facts.size === 0)) return;
    this.#untold++;
    this.#telling = this.#telling.then(() => this.#tell(device, effect, parts, open)).finally(() => this.#untold--);
  }

  /** The actors of the device that is being made anew know. */
  told(): void {
    this.#current?.steps.push(this.#step('told'));
  }

  /** A flow went. */
  removed(view: FlowView<FlowActions>, why: Removal): void {
    const open = this.#current;
    if (open === undefined || why.kind !== 'invalidated') return;
    const { directory, factOf } = this.#around;
    const fact = factOf(why.tag);
    if (open.facts.size === 0) open.steps.push(this.#step('removed'));
    open.facts.set(fact, (open.facts.get(fact) ?? 0) + 1);
    if (open.flows.length === MOST_FLOWS) return;
    const { match, path } = formatFlow(view, view.match, directory);
    open.flows.push({ match, path });
  }

  async #tell(device: Uuid, effect: ChangeEffect, parts: readonly HeardPart[], open: OpenChange): Promise<void> {
    const { directory, told } = this.#around;
    const causes: ChangeCause[] = [];
    let written = 0;
    for (const part of parts) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- few, and in order
      const by = await this.#writerOf(part);
      written = Math.max(written, by?.at ?? 0);
      const [was, is] = part.values ?? [];
      // oxlint-disable-next-line eslint/no-await-in-loop -- as above
      causes.push({ what: this.#textOf(part), by: by?.writer, owner: await this.#ownerOf(part), was, is });
    }
    const first = parts[0]?.heard;
    told({
      version: 1,
      change: ++this.#changes,
      device: directory.nameOfId(device),
      effect,
      causes,
      steps: [...this.#written(written), ...(first ? [first] : []), ...open.steps],
      facts: [...open.facts].map(([fact, flows]) => ({ fact, flows })),
      flows: open.flows,
    });
  }

  #written(at: number): readonly ChangeStep[] {
    const { clock, isDatabaseTimed } = this.#around;
    if (clock === undefined || isDatabaseTimed !== true || at === 0) return [];
    return [{ step: 'written', at: undefined, clock: at }];
  }

  /** Who wrote what was heard of; nothing where others have written since, and of what the database keeps no writer. */
  async #writerOf({ class: cls, id, part, version }: ChangedPart): Promise<{ writer: string; at: number } | undefined> {
    if (part !== undefined || version === undefined) return undefined;
    const found = await this.#around.nsdb.provenance(cls, id).catch(() => undefined);
    return found?.version === version ? found : undefined;
  }

  /** Whose a state key or an entry of a table is, where that is known. */
  async #ownerOf({ namespace, learner }: ChangedPart): Promise<string | undefined> {
    if (namespace === undefined || namespace === CLUSTER) return learner;
    const host = await this.#around.nsdb.find('Host', namespace).catch(() => undefined);
    return (host && textOf(host.fields, 'name')) ?? namespace;
  }

  #textOf({ class: cls, id, part }: ChangedPart): string {
    const { directory } = this.#around;
    const name = `${cls} ${directory.nameOfId(id)}`;
    return part === undefined ? name : `${part} of ${name}`;
  }

  #step(step: ChangeStep['step']): ChangeStep {
    const { now, clock } = this.#around;
    return { step, at: formatInstant(now()), clock: clock?.() };
  }
}

/** Runs what a change of a table's entry asks for, and has it told where changes are. */
export function entryChangesOf(
  { changes, nsdb }: { readonly changes: ChangeLog | undefined; readonly nsdb: Nsdb },
  cls: ClassName,
  id: Uuid,
): (table: string, entry: () => ChangedEntry, work: () => void) => void {
  if (changes === undefined) return (_table, _entry, work) => work();
  return (table, entry, work) => {
    const { key, isOwn, was, is } = entry();
    const learner = isOwn ? nsdb.name : undefined;
    changes.during(
      id,
      'entry',
      [changes.heard({ class: cls, id, part: `${key} in ${table}`, learner, values: [was, is] })],
      work,
    );
  };
}
