import { readCapture, type CaptureFile, type ReadOptions } from '../../datapath/capture/capture-file.ts';
import type { CapturedFrame } from '../../datapath/capture/captured-frame.ts';
import { CaptureError } from '../../datapath/capture/capture-error.ts';
import type { CaptureInterface } from '../../datapath/capture/capture-interface.ts';
import { addInstants, compareInstants, instantOf, type Instant } from '../../topology/model/time.ts';
import type { Input } from './scenario.ts';

/** A frame of a capture, and when it enters. */
export interface DueFrame {
  readonly at: Instant;
  readonly frame: CapturedFrame;
}

/** How captures are read. */
export interface Reading extends ReadOptions {
  /** Opens a capture; by default `readCapture`, which reads a pipe only once. */
  readonly readCapture?: typeof readCapture;
}

/**
 * The frames of one input, one after the other, each with the time at which it enters. Reads on as it is used up; how the file
 * happens to be cut into pieces changes nothing.
 */
export class InputStream {
  readonly input: Input;
  /** Its place in the scenario, from 0. */
  readonly number: number;
  readonly #file: CaptureFile;
  readonly #signal: AbortSignal | undefined;
  readonly #batches: AsyncIterator<readonly CapturedFrame[]>;
  #batch: readonly CapturedFrame[] = [];
  #at = 0;
  #origin: Instant | undefined;
  #next: DueFrame | undefined;
  #last: Instant = instantOf(0, 0);
  /** Why the file could not be read to its end. */
  fault: Error | undefined;

  /** @param reading its signal ends the stream where it is: that is no fault of the capture */
  constructor(input: Input, number: number, { readCapture: read = readCapture, ...options }: Reading = {}) {
    this.input = input;
    this.number = number;
    this.#signal = options.signal;
    this.#file = read(input.path, options);
    this.#batches = this.#file[Symbol.asyncIterator]();
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.#file.interfaces;
  }

  /** The frame to play next; undefined at the end. */
  get next(): DueFrame | undefined {
    return this.#next;
  }

  /** Reads the first frame. Resolves to the time it was recorded at; undefined when there is none. */
  async open(): Promise<Instant | undefined> {
    await this.#fill();
    const first = this.#batch[0];
    return first && instantOf(first.seconds, first.nanos);
  }

  /** Recorded times count from here: to be said once, before {@link advance}. */
  startAt(origin: Instant): void {
    this.#origin = origin;
    this.#take();
  }

  /** Goes on to the following frame. A promise when more has to be read first. */
  advance(): Promise<void> | undefined {
    this.#at++;
    if (this.#at < this.#batch.length) {
      this.#take();
      return undefined;
    }
    return this.#fill().then(() => this.#take());
  }

  /** Ends the reading. */
  async close(): Promise<void> {
    await this.#batches.return?.();
  }

  async #fill(): Promise<void> {
    this.#batch = [];
    this.#at = 0;
    try {
      const result = await this.#batches.next();
      if (result.done !== true) this.#batch = result.value;
    } catch (cause) {
      if (this.#signal?.aborted === true) return;
      if (!isCaptureFault(cause)) throw cause;
      this.fault = cause;
    }
  }

  #take(): void {
    const frame = this.#batch[this.#at];
    if (frame === undefined || this.#origin === undefined) {
      this.#next = undefined;
      return;
    }
    const due = this.#dueAt(frame, this.#origin);
    // Time never runs backwards: a frame recorded before its predecessor enters with it.
    this.#last = compareInstants(due, this.#last) < 0 ? this.#last : due;
    this.#next = { at: this.#last, frame };
  }

  #dueAt({ seconds, nanos }: CapturedFrame, origin: Instant): Instant {
    const { speed, offset } = this.input;
    let [past, pastNanos] = [seconds - origin.seconds, nanos - origin.nanos];
    if (speed !== 1) {
      const whole = Math.floor(past / speed);
      pastNanos = Math.round((past / speed - whole) * 1e9 + pastNanos / speed);
      past = whole;
    }
    return addInstants(instantOf(past, pastNanos), offset);
  }
}

/** Whether this says what is wrong with a capture, or why it cannot be read; anything else is a fault of ours. */
export function isCaptureFault(cause: unknown): cause is Error {
  return cause instanceof CaptureError || (cause instanceof Error && 'code' in cause && typeof cause.code === 'string');
}
