import type { FlowIndex, Removal } from '../../../datapath/flow-table/flow.ts';
import type { TraceFlow } from '../../../datapath/trace/packet-trace.ts';
import type { Outcome } from '../../../simulation/outcome.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { Instant } from '../../../topology/model/time.ts';
import { formatDuration } from '../duration.ts';
import type { FlowExpectation } from '../scenario.ts';
import type { EndedFrame } from './drop-search.ts';
import { compareFlow, compareValues, floorOf, scoreOfFlow, scoreOfMaker, valuesIn } from './flow-fit.ts';
import { copyOf, type SeenFrame } from './frame-fit.ts';
import { Best } from './nearness.ts';

/** Flows as expected that are kept while they stand: should one go, it is known who made it. */
const MOST_STANDING = 100;

const ENDS: Readonly<Record<Removal['kind'], string>> = {
  expired: 'expired',
  evicted: 'evicted for want of room',
  invalidated: 'ended by a change',
  cleared: 'removed with all others',
};

/** A failed expectation of flows: there are too few of them, or too many. */
export interface FlowFailure {
  readonly expectation: FlowExpectation;
  readonly isTooMany: boolean;
}

/** A flow that was installed. */
export interface FoundFlow {
  readonly kind: 'flow';
  readonly flow: TraceFlow;
  readonly index: FlowIndex;
  /** The packet that made it. */
  readonly packet: number;
  /** Why it is not there any more, and since when: `expired at 60s`. */
  gone: string | undefined;
}

/** A packet that should have made a flow and did not. */
interface FoundMaker extends EndedFrame {
  readonly kind: 'packet';
}

/**
 * Looks for the flow that is nearest to one expected: one as expected that did not stay until the end; or the one that has the most
 * fields in common, whether it stayed or not; or a packet that has more of them, and made no flow. Among flows that are too many, for
 * the first too many.
 */
export class FlowSearch {
  readonly #expectation: FlowExpectation;
  readonly #isTooMany: boolean;
  readonly #nameOf: (port: Uuid) => string;
  readonly #best: Best<FoundFlow | FoundMaker>;
  readonly #standing = new Map<FlowIndex, FoundFlow>();

  constructor({ expectation, isTooMany }: FlowFailure, nameOf: (port: Uuid) => string) {
    this.#expectation = expectation;
    this.#isTooMany = isTooMany;
    this.#nameOf = nameOf;
    this.#best = new Best(floorOf(expectation));
  }

  get found(): FoundFlow | FoundMaker | undefined {
    if (!this.#isTooMany) return this.#best.kept;
    return [...this.#standing.values()][Math.min(this.#expectation.count.most, this.#standing.size - 1)];
  }

  installed(flow: TraceFlow, index: FlowIndex, packet: number): void {
    const compared = compareFlow(this.#expectation, flow);
    const found: FoundFlow = { kind: 'flow', flow, index, packet, gone: undefined };
    if (compared.some(({ isEqual }) => !isEqual)) {
      this.#best.offer(scoreOfFlow(this.#expectation, flow, compared), () => found);
    } else if (this.#standing.size < MOST_STANDING) {
      this.#standing.set(index, found);
    }
  }

  removed(index: FlowIndex, why: Removal['kind'], at: Instant): void {
    const gone = `${ENDS[why]} at ${formatDuration(at)}`;
    const { kept } = this.#best;
    if (kept?.kind === 'flow' && kept.index === index) kept.gone ??= gone;
    const expected = this.#standing.get(index);
    if (expected === undefined) return;
    this.#standing.delete(index);
    this.#best.offer(Infinity, () => ({ ...expected, gone }));
  }

  /** A packet has had its fate; the flow that it made, if any, has been told of. */
  ended(frame: SeenFrame, outcome: Outcome): void {
    // While a flow as expected stands, it may well be the one that answers.
    if (this.#standing.size > 0) return;
    const compared = compareValues(this.#expectation.match, valuesIn(frame, this.#nameOf(frame.port)));
    this.#best.offer(scoreOfMaker(compared), () => ({ kind: 'packet', frame: copyOf(frame), outcome }));
  }
}
