import type { Uuid } from '../../../topology/model/ids.ts';
import type { Evidence } from './evidence.ts';
import type { CheckResult, FrameNote, Nearest } from './failure.ts';
import { compareFrame, type SeenFrame } from './frame-fit.ts';
import { noteOf, titleOf } from './frame-words.ts';
import type { OtherSearch } from './other-search.ts';

/** Of the frames that nobody expected, so many are shown for a port. */
const EXAMPLES = 3;

interface Others {
  count: number;
  readonly examples: FrameNote[];
}

/** Counts the frames that nobody expected, by the ports they left by; a few are kept of each. */
export class OtherFrames {
  readonly #nameOf: (port: Uuid) => string;
  readonly #ports = new Map<Uuid, Others>();

  constructor(nameOf: (port: Uuid) => string) {
    this.#nameOf = nameOf;
  }

  add(frame: Omit<SeenFrame, 'fields'>): void {
    const { port } = frame;
    let others = this.#ports.get(port);
    if (others === undefined) {
      others = { count: 0, examples: [] };
      this.#ports.set(port, others);
    }
    others.count += 1;
    if (others.examples.length < EXAMPLES) others.examples.push(noteOf(frame, this.#nameOf));
  }

  /** The ports by which such frames left. */
  get ports(): readonly Uuid[] {
    return [...this.#ports.keys()];
  }

  /** The first at each port: their stories are wanted. */
  get packets(): readonly number[] {
    return [...this.#ports.values()].flatMap(({ examples: [first] }) => first?.packet ?? []);
  }

  /** A failure for each port, in the order of their names. */
  results(evidence: Evidence | undefined): readonly CheckResult[] {
    return [...this.#ports]
      .map(([port, { count, examples }]): CheckResult => {
        const near = evidence?.nearestOfOthers(port);
        const packet = near?.frame.packet ?? examples[0]?.packet;
        return {
          kind: 'other-frames',
          where: undefined,
          title: `${this.#nameOf(port)}: frames nobody expected`,
          failure: {
            expected: 'none',
            received: `${count}`,
            nearest: near && this.#nearest(near),
            examples,
            trace: packet === undefined ? undefined : evidence?.traceOf(packet),
          },
        };
      })
      .toSorted((a, b) => (a.title < b.title ? -1 : 1));
  }

  #nearest({ frame, expectation }: NonNullable<OtherSearch['found']>): Nearest {
    return {
      what: 'expectation',
      frame: noteOf(frame, this.#nameOf),
      expectation: { title: titleOf(expectation, this.#nameOf), where: expectation.where },
      fields: compareFrame(expectation, frame, this.#nameOf),
    };
  }
}
