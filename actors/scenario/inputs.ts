import type { CaptureInterface } from '../../datapath/capture/capture-interface.ts';
import { ETHERNET } from '../../datapath/capture/link-type.ts';
import { compareInstants, type Instant } from '../../topology/model/time.ts';
import { InputStream, type Reading } from './input-stream.ts';
import type { Input } from './scenario.ts';

/** A capture that could not be read to its end, by the place of its input. */
export interface InputFault {
  readonly input: number;
  readonly cause: Error;
}

/** An interface of a capture whose frames cannot be played, by the place of its input. */
export interface UnreadableInterface extends Pick<
  CaptureInterface,
  'index' | 'name' | 'linkType' | 'linkTypeName' | 'frames'
> {
  readonly input: number;
}

/** The captures of a run, played side by side: which frame of them is due next. */
export class Inputs {
  readonly #streams: readonly InputStream[];

  constructor(inputs: readonly Input[], reading: Reading) {
    this.#streams = inputs.map((input, number) => new InputStream(input, number, reading));
  }

  /** Reads the first frame of each, and sets the clocks: a capture begins at time 0; those that are aligned, with the earliest. */
  async open(): Promise<void> {
    const firsts = await Promise.all(this.#streams.map((stream) => stream.open()));
    let earliest: Instant | undefined;
    for (const [at, { input }] of this.#streams.entries()) {
      const first = firsts[at];
      if (first === undefined || input.align !== 'capture') continue;
      if (earliest === undefined || compareInstants(first, earliest) < 0) earliest = first;
    }
    for (const [at, stream] of this.#streams.entries()) {
      const first = firsts[at];
      if (first !== undefined) stream.startAt(stream.input.align === 'capture' ? (earliest ?? first) : first);
    }
  }

  /** The input whose frame is due first; of equals the one declared first. Undefined when all frames are played. */
  get next(): InputStream | undefined {
    let first: InputStream | undefined;
    for (const stream of this.#streams) {
      if (stream.next === undefined) continue;
      if (first?.next === undefined || compareInstants(stream.next.at, first.next.at) < 0) first = stream;
    }
    return first;
  }

  /** Reads on to the end, frame by frame, and says of which input each is. */
  async *rest(): AsyncGenerator<number, void> {
    for (const stream of this.#streams) {
      while (stream.next !== undefined) {
        yield stream.number;
        const more = stream.advance();
        // oxlint-disable-next-line eslint/no-await-in-loop -- a file is read in order
        if (more !== undefined) await more;
      }
    }
  }

  /** The interfaces whose frames, of which there are some, have a link type other than Ethernet. */
  get unreadable(): readonly UnreadableInterface[] {
    return this.#streams.flatMap(({ number, interfaces }) =>
      interfaces
        .filter(({ linkType, frames }) => linkType !== ETHERNET && frames > 0)
        .map((one) => ({ ...one, input: number })),
    );
  }

  get faults(): readonly InputFault[] {
    return this.#streams.flatMap(({ number, fault }) => (fault === undefined ? [] : [{ input: number, cause: fault }]));
  }

  /** Ends the reading. */
  async close(): Promise<void> {
    await Promise.all(this.#streams.map((stream) => stream.close()));
  }
}
