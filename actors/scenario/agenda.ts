import type { CapturedFrame } from '../../datapath/capture/captured-frame.ts';
import { compareInstants, type Instant } from '../../topology/model/time.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { AnswerQueue } from './answer-queue.ts';
import type { InputStream } from './input-stream.ts';
import type { Inputs } from './inputs.ts';
import type { ScenarioEvent } from './scenario.ts';
import type { StationFrame } from './station-place.ts';

/** What happens next in a run. */
type Due =
  | { readonly kind: 'event'; readonly at: Instant; readonly event: ScenarioEvent }
  | { readonly kind: 'timer'; readonly at: Instant }
  | { readonly kind: 'frame'; readonly at: Instant; readonly input: InputStream; readonly frame: CapturedFrame }
  /** A station sends a frame. */
  | { readonly kind: 'answer'; readonly at: Instant; readonly answer: StationFrame };

/**
 * All that is still to happen in a run, ordered by time; at one instant events come before timers and timers before frames, these in
 * the order of their inputs, and stations last (C9).
 */
export class Agenda {
  readonly #events: readonly ScenarioEvent[];
  readonly #time: VirtualTime;
  readonly #inputs: Inputs;
  readonly #answers: AnswerQueue;
  /** Events that have happened. */
  #happened = 0;

  constructor(events: readonly ScenarioEvent[], time: VirtualTime, inputs: Inputs, answers: AnswerQueue) {
    this.#events = events.toSorted((a, b) => compareInstants(a.at, b.at));
    this.#time = time;
    this.#inputs = inputs;
    this.#answers = answers;
  }

  /** Whether nothing is left but timers. */
  get hasOnlyTimers(): boolean {
    return (
      this.#happened === this.#events.length && this.#inputs.next === undefined && this.#answers.next === undefined
    );
  }

  /** The first of all; it stays here until it is dealt with. */
  get next(): Due | undefined {
    const event = this.#events[this.#happened];
    const timer = this.#time.next;
    const input = this.#inputs.next;
    const answer = this.#answers.next;
    const at = earlier(earlier(event?.at, timer), earlier(input?.next?.at, answer?.at));
    if (at === undefined) return undefined;
    if (event !== undefined && isAt(event.at, at)) return { kind: 'event', at, event };
    if (timer !== undefined && isAt(timer, at)) return { kind: 'timer', at };
    if (input?.next !== undefined && isAt(input.next.at, at))
      return { kind: 'frame', at, input, frame: input.next.frame };
    return answer && { kind: 'answer', at, answer: answer.answer };
  }

  /** The next event is happening. */
  strike(): void {
    this.#happened++;
  }
}

function earlier(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareInstants(b, a) < 0 ? b : a;
}

function isAt(a: Instant, b: Instant): boolean {
  return compareInstants(a, b) === 0;
}
