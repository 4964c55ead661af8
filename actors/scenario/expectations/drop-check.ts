import type { PacketTrace } from '../../../datapath/trace/packet-trace.ts';
import { dissect } from '../../../simulation/packet/dissect.ts';
import type { Outcome } from '../../../simulation/outcome.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { frameOf } from '../../frame-of.ts';
import type { FrameIn } from '../replay-listener.ts';
import type { DropExpectation } from '../scenario.ts';
import { formatCount, formatMatch, isWithin, plural } from './counts.ts';
import { compareDrop, isDroppedSo, type PacketEnd } from './drop-fit.ts';
import type { EndedFrame } from './drop-search.ts';
import type { Evidence } from './evidence.ts';
import type { CheckResult, Nearest } from './failure.ts';
import { ANY } from './field-values.ts';
import { fitsFields, type FieldComparison } from './frame-fit.ts';
import { noteOf } from './frame-words.ts';
import type { Renewal } from './renewal.ts';

interface DropCount {
  readonly expectation: DropExpectation;
  count: number;
}

/** Counts the drops that are expected. */
export class DropCheck {
  readonly #counts: readonly DropCount[];
  readonly #nameOf: (port: Uuid) => string;

  constructor(expectations: readonly DropExpectation[], nameOf: (port: Uuid) => string) {
    this.#counts = expectations.map((expectation) => ({ expectation, count: 0 }));
    this.#nameOf = nameOf;
  }

  /** A packet of a capture or a station had its fate. */
  ended({ port, bytes, wireLength }: FrameIn, outcome: Outcome): void {
    for (const each of this.#counts) {
      const { match } = each.expectation;
      if (!isDroppedSo(each.expectation, port, outcome)) continue;
      if (match.size === 0 || fitsFields(match, dissect(frameOf(bytes, wireLength)))) each.count += 1;
    }
  }

  failed(): readonly DropExpectation[] {
    return this.#counts
      .filter(({ expectation, count }) => !isWithin(count, expectation.count))
      .map(({ expectation }) => expectation);
  }

  /** What those that failed shall say. */
  renewals(): readonly Renewal[] {
    return this.#counts
      .filter(({ expectation, count }) => !isWithin(count, expectation.count))
      .map(({ expectation: { place }, count }) => ({ place, keys: { count } }));
  }

  results(evidence: Evidence | undefined): readonly CheckResult[] {
    return this.#counts.map(({ expectation, count }) => {
      const { where, count: wanted } = expectation;
      const title = this.#titleOf(expectation);
      if (isWithin(count, wanted)) return { kind: 'drops', where, title, failure: undefined };
      const found = evidence?.nearestToDrop(expectation);
      const trace = found && evidence?.traceOf(found.frame.packet);
      const failure = {
        expected: `${formatCount(wanted)} ${plural('packet', wanted.most)}`,
        received: `${count}`,
        nearest: found && this.#nearest(expectation, found, trace),
        examples: [],
        trace,
      };
      return { kind: 'drops', where, title, failure };
    });
  }

  #titleOf({ reason, match, port }: DropExpectation): string {
    const at = port === undefined ? '' : `, in at ${this.#nameOf(port)}`;
    return `dropped for ${reason}${match.size === 0 ? '' : `, ${formatMatch(match)}`}${at}`;
  }

  #nearest(expectation: DropExpectation, found: EndedFrame & PacketEnd, trace: PacketTrace | undefined): Nearest {
    const { frame } = found;
    const fields = compareDrop(expectation, frame, found, this.#nameOf);
    return {
      what: 'packet',
      frame: noteOf(frame, this.#nameOf),
      fields: [...fields, ...(trace === undefined ? [] : deviceOf(trace))],
    };
  }
}

/** Where the packet was dropped; nothing when it was not. */
function deviceOf({ way, disposition: { kind, reason } }: PacketTrace): readonly FieldComparison[] {
  if (kind !== 'dropped') return [];
  const last = way.findLast(({ end }) => end?.kind === 'drop' && end.reason === reason);
  return last === undefined ? [] : [{ field: 'device', expected: ANY, received: last.device, isEqual: true }];
}
