import type { CaptureSink } from '../capture/capture-sink.ts';

const BUFFER_CHARACTERS = 1 << 16;

/** Text on its way to a sink that takes its time: lines are gathered, and written by the piece. */
export class TextOutput {
  readonly #sink: CaptureSink;
  #pending = '';
  #draining: Promise<void> = Promise.resolve();

  constructor(sink: CaptureSink) {
    this.#sink = sink;
  }

  /** Adds text; true when there is enough of it to {@link drain}. */
  add(text: string): boolean {
    this.#pending += text;
    return this.#pending.length >= BUFFER_CHARACTERS;
  }

  /** Writes what was gathered, behind what is being written. @throws CaptureWriteError from here on, once a write has failed */
  drain(): Promise<void> {
    this.#draining = this.#draining.then(() => this.#write());
    return this.#draining;
  }

  async #write(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    if (text !== '') await this.#sink.write(UTF8.encode(text));
  }

  /** Writes the rest and closes the sink, whatever happens. @throws CaptureWriteError */
  async finish(): Promise<void> {
    try {
      await this.drain();
    } finally {
      await this.#sink.close();
    }
  }
}

const UTF8 = new TextEncoder();
