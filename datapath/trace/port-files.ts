import { appendFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CaptureWriteError, type CaptureSink } from '../capture/capture-sink.ts';
import { PcapWriter } from '../capture/pcap-writer.ts';
import { makeFolder } from './make-folder.ts';
import type { PortFrame } from './run-output.ts';

const FOLDER = 'ports';

/**
 * A pcap file for every port, made at its first frame. No file is held open between two writes, so that a network of any number of ports
 * can be written. A pcap has no room to say that it is not complete: `run.json` says it.
 */
export class PortFiles {
  readonly #folder: string;
  readonly #writers = new Map<string, { readonly file: string; readonly writer: PcapWriter }>();
  readonly #names = new Set<string>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Takes the folder `ports` in this one. @throws Node's own error */
  static async in(folder: string): Promise<PortFiles> {
    const own = join(folder, FOLDER);
    await makeFolder(own);
    return new PortFiles(own);
  }

  /** Removes what a run before has left. @throws Node's own error */
  static async clear(folder: string): Promise<void> {
    const own = join(folder, FOLDER);
    const names = await readdir(own).catch(() => []);
    await Promise.all(names.filter((name) => name.endsWith('.pcap')).map((name) => rm(join(own, name))));
  }

  add(frame: PortFrame): void {
    let known = this.#writers.get(frame.port);
    if (known === undefined) {
      const file = this.#nameFor(frame.port);
      known = { file, writer: new PcapWriter(new AppendingSink(join(this.#folder, file))) };
      this.#writers.set(frame.port, known);
    }
    known.writer.add(frame);
  }

  /** Lets the files catch up. @throws CaptureWriteError */
  async drain(): Promise<void> {
    // oxlint-disable-next-line no-await-in-loop -- one file at a time: none is held open
    for (const { writer } of this.#writers.values()) await writer.drain();
  }

  /** Writes the rest. @returns the names of the files, sorted @throws CaptureWriteError */
  async finish(): Promise<readonly string[]> {
    // oxlint-disable-next-line no-await-in-loop -- one file at a time: none is held open
    for (const { writer } of this.#writers.values()) await writer.finish();
    return [...this.#writers.values()].map(({ file }) => `${FOLDER}/${file}`).toSorted();
  }

  /** `web:web-1` becomes `web.web-1.pcap`; names that become alike are numbered, in the order of their first frames. */
  #nameFor(port: string): string {
    const plain = port
      .replaceAll(':', '.')
      .replaceAll(/[^\w.-]/g, '_')
      .replace(/^\./, '_')
      .slice(0, 100);
    let name = plain;
    for (let n = 2; this.#names.has(name.toLowerCase()); n++) name = `${plain}-${n}`;
    this.#names.add(name.toLowerCase());
    return `${name}.pcap`;
  }
}

/** A file that is opened for each write. */
class AppendingSink implements CaptureSink {
  readonly #path: string;
  #isNew = true;

  constructor(path: string) {
    this.#path = path;
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await (this.#isNew ? writeFile(this.#path, bytes) : appendFile(this.#path, bytes));
    } catch (error) {
      throw new CaptureWriteError(this.#path, error);
    }
    this.#isNew = false;
  }

  patch(): Promise<void> {
    return Promise.reject(new TypeError('a pcap is written from front to back'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
