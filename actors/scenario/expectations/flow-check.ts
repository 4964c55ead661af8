import type { TraceFlow } from '../../../datapath/trace/packet-trace.ts';
import type { FlowExpectation } from '../scenario.ts';
import { formatCount, formatMatch, isWithin, plural } from './counts.ts';
import type { CheckResult, Failure } from './failure.ts';
import { fitsValue } from './field-values.ts';
import type { FieldComparison } from './frame-fit.ts';

interface FlowCount {
  readonly expectation: FlowExpectation;
  count: number;
  nearest: readonly FieldComparison[];
  score: number;
}

/** Counts the flows that are expected to be there at the end of a run. */
export class FlowCheck {
  readonly #counts: readonly FlowCount[];

  constructor(expectations: readonly FlowExpectation[]) {
    this.#counts = expectations.map((expectation) => ({ expectation, count: 0, nearest: [], score: 0 }));
  }

  add(flow: TraceFlow): void {
    for (const each of this.#counts) {
      const compared = compareFlow(each.expectation, flow);
      const score = compared.filter(({ isEqual }) => isEqual).length;
      if (score === compared.length) each.count += 1;
      else if (score > each.score) {
        each.nearest = compared;
        each.score = score;
      }
    }
  }

  results(): readonly CheckResult[] {
    return this.#counts.map(({ expectation, count, nearest }) => {
      const { where, count: wanted } = expectation;
      const title = `flow: ${describeFlow(expectation)}`;
      if (isWithin(count, wanted)) return { kind: 'flows', where, title, failure: undefined };
      const failure: Failure = {
        expected: `${formatCount(wanted)} ${plural('flow', wanted.most)}`,
        received: `${count}`,
        nearest: nearest.length === 0 ? undefined : { what: 'flow', frame: undefined, fields: nearest },
        examples: [],
        trace: undefined,
      };
      return { kind: 'flows', where, title, failure };
    });
  }
}

function compareFlow({ match, mask, actions }: FlowExpectation, flow: TraceFlow): readonly FieldComparison[] {
  const compared = [...match].map(([field, expected]): FieldComparison => {
    const received = flow.match.find((each) => each.field === field)?.value;
    return { field, expected, received, isEqual: received !== undefined && fitsValue(field, expected, received) };
  });
  if (mask !== undefined)
    compared.push(compareLists('mask', mask.toSorted(), flow.match.map(({ field }) => field).toSorted()));
  if (actions !== undefined) compared.push(compareLists('actions', actions, flow.actions));
  return compared;
}

function compareLists(field: string, expected: readonly string[], received: readonly string[]): FieldComparison {
  const [wanted, found] = [expected.join(', '), received.join(', ')];
  return { field, expected: wanted, received: found, isEqual: wanted === found };
}

function describeFlow({ match, mask, actions }: FlowExpectation): string {
  const parts = [
    formatMatch(match),
    mask === undefined ? '' : `mask ${mask.join(' ')}`,
    actions === undefined ? '' : `actions ${actions.join(' ')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'any' : parts.join(', ');
}
