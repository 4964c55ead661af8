import type { PacketTrace, TraceFlow } from '../../../datapath/trace/packet-trace.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { FlowExpectation } from '../scenario.ts';
import { formatCount, formatMatch, isWithin, plural } from './counts.ts';
import { endOf } from './drop-fit.ts';
import type { EndedFrame } from './drop-search.ts';
import type { Evidence } from './evidence.ts';
import type { CheckResult, Failure, Nearest } from './failure.ts';
import { compareFlow, compareValues, valuesIn } from './flow-fit.ts';
import type { FlowFailure, FoundFlow } from './flow-search.ts';
import type { FieldComparison } from './frame-fit.ts';
import { noteOf, noteOfTrace } from './frame-words.ts';
import type { Renewal } from './renewal.ts';

interface FlowCount {
  readonly expectation: FlowExpectation;
  count: number;
}

/** Counts the flows that are expected to be there at the end of a run. */
export class FlowCheck {
  readonly #counts: readonly FlowCount[];
  readonly #nameOf: (port: Uuid) => string;

  constructor(expectations: readonly FlowExpectation[], nameOf: (port: Uuid) => string) {
    this.#counts = expectations.map((expectation) => ({ expectation, count: 0 }));
    this.#nameOf = nameOf;
  }

  add(flow: TraceFlow): void {
    for (const each of this.#counts) {
      if (isExpected(each.expectation, flow)) each.count += 1;
    }
  }

  failed(): readonly FlowFailure[] {
    return this.#counts
      .filter(({ expectation, count }) => !isWithin(count, expectation.count))
      .map(({ expectation, count }) => ({ expectation, isTooMany: count > expectation.count.most }));
  }

  /**
   * What those that failed shall say: how many there are; where there is none, the mask and the actions of one that has the fields.
   *
   * @param flows those in the table at the end of the run
   */
  renewals(flows: readonly TraceFlow[]): readonly Renewal[] {
    return this.#counts
      .filter(({ expectation, count }) => !isWithin(count, expectation.count))
      .map(({ expectation, count }) => ({
        place: expectation.place,
        keys: count > 0 ? { count } : keysOf(expectation, flows),
      }));
  }

  results(evidence: Evidence | undefined): readonly CheckResult[] {
    return this.#counts.map(({ expectation, count }) => {
      const { where, count: wanted } = expectation;
      const title = `flow: ${describeFlow(expectation)}`;
      if (isWithin(count, wanted)) return { kind: 'flows', where, title, failure: undefined };
      const failure: Failure = {
        expected: `${formatCount(wanted)} ${plural('flow', wanted.most)}`,
        received: `${count}`,
        examples: [],
        ...this.#nearest(expectation, evidence),
      };
      return { kind: 'flows', where, title, failure };
    });
  }

  #nearest(expectation: FlowExpectation, evidence: Evidence | undefined): Pick<Failure, 'nearest' | 'trace'> {
    const found = evidence?.nearestToFlow(expectation);
    if (found === undefined) return { nearest: undefined, trace: undefined };
    const trace = evidence?.traceOf(found.kind === 'flow' ? found.packet : found.frame.packet);
    return {
      nearest: found.kind === 'flow' ? nearestFlow(expectation, found, trace) : this.#maker(expectation, found, trace),
      trace,
    };
  }

  /** A packet that made no flow: against the one that it met, or that was not installed, or against its own fields. */
  #maker(expectation: FlowExpectation, { frame, outcome }: EndedFrame, trace: PacketTrace | undefined): Nearest {
    const note = noteOf(frame, this.#nameOf);
    const flow = trace?.flow;
    const fields =
      flow === undefined
        ? compareValues(expectation.match, valuesIn(frame, note.port))
        : compareFlow(expectation, flow);
    return {
      what: flow === undefined ? 'packet' : 'flow',
      frame: note,
      fields: [...fields, atEnd(whyNone(trace, outcome), false)],
    };
  }
}

/** The mask and actions of the first flow that has the fields, as far as they are expected, and how many flows are so. */
function keysOf(expectation: FlowExpectation, flows: readonly TraceFlow[]): Renewal['keys'] {
  const { match, mask, actions } = expectation;
  const like = flows.find((flow) => compareValues(match, flow.match).every(({ isEqual }) => isEqual));
  if (like === undefined) return { count: 0 };
  const keys = {
    ...(mask !== undefined && { mask: like.match.map(({ field }) => field) }),
    ...(actions !== undefined && { actions: like.actions }),
  };
  const count = flows.filter((flow) => isExpected({ match, mask, actions, ...keys }, flow)).length;
  return { ...keys, count };
}

function isExpected(expectation: Parameters<typeof compareFlow>[0], flow: TraceFlow): boolean {
  return compareFlow(expectation, flow).every(({ isEqual }) => isEqual);
}

function whyNone(trace: PacketTrace | undefined, outcome: EndedFrame['outcome']): string {
  if (trace?.hit === true) return 'none of its own: a flow answered';
  const { state, because } = trace?.flow ?? {};
  if (state === 'exists') return 'none of its own: there was one already';
  return state === 'not-installed' ? `not installed: ${because ?? endOf(outcome)}` : `none: ${endOf(outcome)}`;
}

function nearestFlow(expectation: FlowExpectation, { flow, gone }: FoundFlow, trace: PacketTrace | undefined): Nearest {
  return {
    what: 'flow',
    frame: trace && noteOfTrace(trace),
    fields: [...compareFlow(expectation, flow), atEnd(gone ?? IN_TABLE, gone === undefined)],
  };
}

const IN_TABLE = 'in the table';

/** Whether the flow was there when the run was over. */
function atEnd(received: string, isEqual: boolean): FieldComparison {
  return { field: 'at the end', expected: IN_TABLE, received, isEqual };
}

function describeFlow({ match, mask, actions }: FlowExpectation): string {
  const parts = [
    formatMatch(match),
    mask === undefined ? '' : `mask ${mask.join(' ')}`,
    actions === undefined ? '' : `actions ${actions.join(' ')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'any' : parts.join(', ');
}
