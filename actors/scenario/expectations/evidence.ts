import type { PacketTrace } from '../../../datapath/trace/packet-trace.ts';
import type { Outcome } from '../../../simulation/outcome.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { Instant } from '../../../topology/model/time.ts';
import type { FrameIn } from '../replay-listener.ts';
import type { FrameExpectation } from '../scenario.ts';
import { compareFrame, type FieldComparison, fitsFrame, type SeenFrame, seenFrame } from './frame-fit.ts';

/** The port alone makes no frame near: it counts half of a field. */
const PORT_WEIGHT = 0.5;
/** A field that is there with another value: enough to make near what left the right port, and never more than an equal field. */
const PRESENT_WEIGHT = 0.01;

/** What is kept of the frame that came nearest. */
export interface Candidate {
  readonly frame: SeenFrame;
  readonly what: 'frame-out' | 'frame-in';
}

interface Search {
  readonly expectation: FrameExpectation;
  /** Frames that fit, so far. */
  fitting: number;
  best: Candidate | undefined;
  score: number;
}

/**
 * Gathers, in a second run of the same scenario, what failed expectations need: for what came too rarely the nearest frame, by the
 * number of equal fields; for what came too often the first too many. One frame for each failure is kept, however long the run.
 *
 * A third run then asks for the stories of {@link packets} and hands them to {@link traced}.
 */
export class Evidence {
  readonly #searches: readonly Search[];
  readonly #nameOf: (port: Uuid) => string;
  readonly #wanted = new Set<number>();
  readonly #traces = new Map<number, PacketTrace>();

  /** @param packets whose stories are wanted besides */
  constructor(failed: readonly FrameExpectation[], packets: Iterable<number>, nameOf: (port: Uuid) => string) {
    this.#searches = failed.map((expectation) => ({ expectation, fitting: 0, best: undefined, score: 0 }));
    this.#nameOf = nameOf;
    for (const packet of packets) this.#wanted.add(packet);
  }

  frameOut(port: Uuid, bytes: Uint8Array, length: number, wireLength: number, packet: number, at: Instant): void {
    if (this.#searches.length === 0) return;
    this.#look(seenFrame(port, packet, at, bytes.subarray(0, length), wireLength), 'frame-out');
  }

  /** A packet that did not leave may be the one that was expected. */
  ended({ port, packet, at, bytes, wireLength }: FrameIn, { kind }: Outcome): void {
    if (this.#searches.length === 0 || kind === 'forwarded') return;
    this.#look(seenFrame(port, packet, at, bytes, wireLength), 'frame-in');
  }

  traced(trace: PacketTrace): void {
    if (this.packets().has(trace.packet)) this.#traces.set(trace.packet, trace);
  }

  /** The packets whose stories a third run shall tell. */
  packets(): ReadonlySet<number> {
    const found = this.#searches.flatMap(({ best }) => (best === undefined ? [] : [best.frame.packet]));
    return new Set([...this.#wanted, ...found]);
  }

  nearestTo(expectation: FrameExpectation): Candidate | undefined {
    return this.#searches.find((search) => search.expectation === expectation)?.best;
  }

  traceOf(packet: number): PacketTrace | undefined {
    return this.#traces.get(packet);
  }

  #look(frame: SeenFrame, what: Candidate['what']): void {
    for (const search of this.#searches) {
      const { expectation } = search;
      const isHere = what === 'frame-out' && frame.port === expectation.port;
      if (isHere && fitsFrame(expectation, frame)) {
        search.fitting += 1;
        // The first too many says more than whatever came near.
        if (search.fitting === expectation.count.most + 1) this.#keep(search, frame, what, Infinity);
        continue;
      }
      const score = this.#score(expectation, frame);
      if (score > Math.max(search.score, PORT_WEIGHT)) this.#keep(search, frame, what, score);
    }
  }

  #score(expectation: FrameExpectation, frame: SeenFrame): number {
    const octets = expectation.bytes === undefined ? 0 : likeness(expectation.bytes, frame.bytes);
    return compareFrame(expectation, frame, this.#nameOf).reduce(
      (sum, comparison) => sum + weightOf(comparison),
      octets,
    );
  }

  #keep(search: Search, frame: SeenFrame, what: Candidate['what'], score: number): void {
    search.best = { frame: { ...frame, bytes: frame.bytes.slice() }, what };
    search.score = score;
  }
}

function weightOf({ field, isEqual, expected, received }: FieldComparison): number {
  if (field === 'bytes') return 0;
  if (field === 'port') return isEqual ? PORT_WEIGHT : 0;
  if (isEqual) return 1;
  return expected === undefined || received === undefined ? 0 : PRESENT_WEIGHT;
}

/** How much of the octets of a frame are those expected, from 0 to 1. */
function likeness(expected: Uint8Array, received: Uint8Array): number {
  let equal = 0;
  for (const [at, octet] of expected.entries()) if (octet === received[at]) equal += 1;
  return equal / Math.max(1, expected.length, received.length);
}
