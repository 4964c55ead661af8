import type { Outcome } from '../../../simulation/outcome.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { Instant } from '../../../topology/model/time.ts';
import type { FrameIn } from '../replay-listener.ts';
import type { Expectations, Scenario } from '../scenario.ts';
import { allowsOtherAt, fitsFrame, seenFrame } from './frame-fit.ts';
import { type FrameGroup, PortGroups } from './port-groups.ts';

/** What a run came to that is not expected yet, in the words of a scenario file. */
export interface Observed {
  readonly frames: readonly ObservedPort[];
  readonly drops: readonly { readonly reason: string; readonly count: number }[];
}

export interface ObservedPort {
  /** As the file calls it; by its full name where the file does not. */
  readonly port: string;
  readonly groups: readonly FrameGroup[];
}

/** What a run is expected to be of which nothing is. */
const NOTHING: Expectations = {
  frames: [],
  allowOther: false,
  allowOtherAt: new Map(),
  portNames: new Map(),
  drops: [],
  flows: [],
  paths: [],
};

/**
 * Notes what leaves, for a baseline: groups of equal frames with counts, so a long run makes no long file. Where others are allowed
 * besides what is expected, nothing is noted.
 */
export class Observation {
  readonly #expectations: Expectations;
  readonly #nameOf: (port: Uuid) => string;
  readonly #ports = new Map<Uuid, PortGroups>();
  readonly #drops = new Map<string, number>();

  constructor(expectations: Expectations | undefined, nameOf: (port: Uuid) => string) {
    this.#expectations = expectations ?? NOTHING;
    this.#nameOf = nameOf;
  }

  /** Notes a run of the scenario. */
  static of({ expectations, topology }: Scenario): Observation {
    return new Observation(expectations, (port) => topology.names.nameOf.get(port) ?? port);
  }

  frameOut(port: Uuid, bytes: Uint8Array, length: number, wireLength: number, packet: number, at: Instant): void {
    if (allowsOtherAt(port, this.#expectations)) return;
    let groups = this.#ports.get(port);
    if (groups === undefined) {
      groups = new PortGroups();
      this.#ports.set(port, groups);
    }
    const frame = seenFrame(port, packet, at, bytes.subarray(0, length), wireLength);
    const isExpected = this.#expectations.frames.some((each) => each.port === port && fitsFrame(each, frame));
    groups.add(frame.fields, { count: 1, unexpected: isExpected ? 0 : 1 });
  }

  ended(_frame: FrameIn, { kind, reason }: Outcome): void {
    if (kind === 'dropped' || kind === 'gave-up') this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + 1);
  }

  observed(): Observed {
    const { allowOther, drops: expected } = this.#expectations;
    const frames = [...this.#ports]
      .map(([port, groups]) => ({
        port: this.#expectations.portNames.get(port) ?? this.#nameOf(port),
        groups: groups.unexpected(),
      }))
      .filter(({ groups }) => groups.length > 0);
    const drops = [...this.#drops]
      .map(([reason, count]) => ({ reason, count }))
      .filter((drop) => !allowOther && expected.every(({ reason }) => reason !== drop.reason));
    return {
      frames: frames.toSorted((a, b) => (a.port < b.port ? -1 : 1)),
      drops: drops.toSorted((a, b) => (a.reason < b.reason ? -1 : 1)),
    };
  }
}
