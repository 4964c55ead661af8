import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CaptureWriteError, FileSink } from '../capture/capture-sink.ts';
import type { FrameNotes } from '../capture/frame-notes.ts';
import { PcapngWriter, type NotesPlace } from '../capture/pcapng-writer.ts';
import { EVERY_END } from './accounting.ts';
import { formatEnd } from './dispositions.ts';
import { makeFolder } from './make-folder.ts';
import { PortFiles } from './port-files.ts';
import type { ChangeTrace } from './change-trace.ts';
import type { PacketTrace } from './packet-trace.ts';
import type { FlowRecord, PortFrame, Room, RunEnd, RunOutput, RunReport } from './run-output.ts';
import { TextOutput } from './text-output.ts';

/** Octets of frames after which the writers are let catch up. */
const BATCH_OCTETS = 1 << 18;

const RUN_FILE = 'run.json';
const FRAMES_FILE = 'frames.pcapng';
const TRACES_FILE = 'traces.ndjson';
const FLOWS_FILE = 'flows.json';
const CHANGES_FILE = 'changes.ndjson';

export interface RecorderOptions {
  /** One pcapng of all ports, a pcap for each port, or none. A pcap has what left by the port, and nothing else. */
  readonly frames: 'pcapng' | 'pcap' | 'none';
  /** Which frames a pcapng has; `in` and `out` unless told otherwise. */
  readonly events?: readonly PortFrame['event'][];
  readonly traces: boolean;
  /** How changes of the network went; none unless asked for. */
  readonly changes?: boolean;
  readonly flows: boolean;
  /** Ports in the order in which the pcapng shall have its interfaces; others follow as their frames come. */
  readonly ports?: readonly string[];
}

/**
 * Writes what a run leaves behind into a folder, while it goes on: `frames.pcapng` or `ports/*.pcap`, `traces.ndjson`, `changes.ndjson`,
 * `flows.json`, `run.json`. Memory does not grow with the run. The files hold nothing of the machine, its clock or its paths: equal runs leave equal
 * bytes.
 *
 * The outputs of a run that was cut down tell so: `run.json` says `"complete": false` from the beginning, the pcapng has INCOMPLETE in
 * the comment of its section, `traces.ndjson` lacks its last line and `flows.json` its end.
 */
export class RunRecorder implements RunOutput {
  readonly wantsFlows: boolean;
  readonly #folder: string;
  readonly #files: readonly string[];
  readonly #events: ReadonlySet<PortFrame['event']>;
  readonly #interfaces = new Map<string, number>();
  readonly #pcapng: PcapngWriter | undefined;
  readonly #ports: PortFiles | undefined;
  readonly #traces: TextOutput | undefined;
  readonly #changes: TextOutput | undefined;
  readonly #flows: TextOutput | undefined;
  /** The frames of packets whose ends are open: as many as wait. */
  readonly #undecided = new Map<number, OpenFrame>();
  #octets = 0;
  #traceCount = 0;
  #flowCount = 0;

  private constructor(folder: string, options: RecorderOptions, outputs: Outputs) {
    this.#folder = folder;
    this.#files = outputs.files;
    this.#events = new Set(options.events ?? (options.frames === 'pcap' ? ['out'] : ['in', 'out']));
    this.#pcapng = outputs.pcapng;
    this.#ports = outputs.ports;
    this.#traces = outputs.traces;
    this.#changes = outputs.changes;
    this.#flows = outputs.flows;
    this.wantsFlows = outputs.flows !== undefined;
    for (const port of options.ports ?? []) this.#interfaceOf(port);
    this.#flows?.add('{"version":1,"flows":[');
  }

  /**
   * Makes the folder if need be, and the files in it anew; those of a run before are removed, lest they be taken for this one's.
   * @throws CaptureWriteError
   */
  static async open(folder: string, options: RecorderOptions): Promise<RunRecorder> {
    try {
      await makeFolder(folder);
      await Promise.all(
        [FRAMES_FILE, TRACES_FILE, CHANGES_FILE, FLOWS_FILE].map((name) => rm(join(folder, name), { force: true })),
      );
      await PortFiles.clear(folder);
      await writeReport(folder, UNFINISHED);
      return await RunRecorder.#open(folder, options);
    } catch (error) {
      throw error instanceof CaptureWriteError ? error : new CaptureWriteError(folder, error);
    }
  }

  static async #open(folder: string, options: RecorderOptions): Promise<RunRecorder> {
    const open = (name: string): Promise<FileSink> => FileSink.open(join(folder, name));
    const { frames, traces, changes = false, flows } = options;
    const outputs: Outputs = {
      files: filesOf(options),
      pcapng: frames === 'pcapng' ? new PcapngWriter(await open(FRAMES_FILE)) : undefined,
      ports: frames === 'pcap' ? await PortFiles.in(folder) : undefined,
      traces: traces ? new TextOutput(await open(TRACES_FILE)) : undefined,
      changes: changes ? new TextOutput(await open(CHANGES_FILE)) : undefined,
      flows: flows ? new TextOutput(await open(FLOWS_FILE)) : undefined,
    };
    return new RunRecorder(folder, options, outputs);
  }

  frame(frame: PortFrame): Room {
    if (!this.#events.has(frame.event)) return undefined;
    this.#ports?.add(frame);
    if (frame.isOpen === true) this.#addOpen(frame);
    else this.#pcapng?.add(this.#interfaceOf(frame.port), frame, notesOf(frame));
    return this.#roomAfter(frame.bytes.length + 64);
  }

  decided(packet: number, verdict: string): Room {
    const open = this.#undecided.get(packet);
    if (open === undefined) return undefined;
    this.#undecided.delete(packet);
    this.#pcapng?.amend(open.place, notesOf({ ...open, verdict }));
    return this.#roomAfter(open.place.length);
  }

  /** Writes the frame of a packet whose end is open: its notes keep room for any. */
  #addOpen(frame: PortFrame): void {
    const { event, packet, comments } = frame;
    const longest = notesOf({ ...frame, verdict: LONGEST_VERDICT });
    const place = this.#pcapng?.addOpen(this.#interfaceOf(frame.port), frame, notesOf(frame), longest);
    if (place !== undefined) this.#undecided.set(packet, { event, packet, comments, place });
  }

  /** Lets the writers catch up when enough has come together. */
  #roomAfter(octets: number): Room {
    this.#octets += octets;
    if (this.#octets < BATCH_OCTETS) return undefined;
    this.#octets = 0;
    return this.#ports?.drain() ?? this.#pcapng?.drain();
  }

  trace(trace: PacketTrace): Room {
    this.#traceCount++;
    return this.#traces?.add(`${JSON.stringify(trace)}\n`) === true ? this.#traces.drain() : undefined;
  }

  change(change: ChangeTrace): Room {
    return this.#changes?.add(`${JSON.stringify(change)}\n`) === true ? this.#changes.drain() : undefined;
  }

  flow(flow: FlowRecord): Room {
    const comma = this.#flowCount++ === 0 ? '' : ',';
    return this.#flows?.add(`${comma}\n${JSON.stringify(flow)}`) === true ? this.#flows.drain() : undefined;
  }

  async finish(end: RunEnd): Promise<RunReport> {
    const { complete, problems } = end;
    this.#traces?.add(`${JSON.stringify({ version: 1, end: true, complete, traces: this.#traceCount })}\n`);
    this.#flows?.add(`\n],"complete":${complete}}\n`);
    await this.#traces?.finish();
    await this.#changes?.finish();
    await this.#flows?.finish();
    const reason = problems[0] ?? 'no reason given';
    await this.#pcapng?.finish(complete ? { complete } : { complete, reason });
    const files = [...this.#files, ...((await this.#ports?.finish()) ?? [])];
    const report: RunReport = { version: 1, ...end, files };
    await writeReport(this.#folder, report);
    return report;
  }

  #interfaceOf(port: string): number {
    const known = this.#interfaces.get(port);
    if (known !== undefined || this.#pcapng === undefined) return known ?? 0;
    const number = this.#pcapng.addInterface({ name: port });
    this.#interfaces.set(port, number);
    return number;
  }
}

/** A frame whose notes will be written anew. */
interface OpenFrame extends Pick<PortFrame, 'event' | 'packet' | 'comments'> {
  readonly place: NotesPlace;
}

const LONGEST_VERDICT = EVERY_END.map(([kind, reason]) => formatEnd({ kind, reason })).reduce((a, b) =>
  b.length > a.length ? b : a,
);

interface Outputs {
  readonly files: readonly string[];
  readonly pcapng: PcapngWriter | undefined;
  readonly ports: PortFiles | undefined;
  readonly traces: TextOutput | undefined;
  readonly changes: TextOutput | undefined;
  readonly flows: TextOutput | undefined;
}

/** What stands in the file until the run has ended. */
const UNFINISHED = { version: 1, complete: false, problems: ['the run has not come to its end'] };

function filesOf({ frames, traces, changes, flows }: RecorderOptions): readonly string[] {
  return [
    ...(frames === 'pcapng' ? [FRAMES_FILE] : []),
    ...(traces ? [TRACES_FILE] : []),
    ...(changes === true ? [CHANGES_FILE] : []),
    ...(flows ? [FLOWS_FILE] : []),
  ];
}

function notesOf({
  event,
  packet,
  verdict,
  comments,
}: Pick<PortFrame, 'event' | 'packet' | 'verdict' | 'comments'>): FrameNotes {
  return {
    direction: event === 'in' || event === 'out' ? event : undefined,
    packetId: packet,
    verdict,
    comments: [`packet ${packet} ${event}: ${verdict}`, ...comments],
  };
}

async function writeReport(folder: string, report: object): Promise<void> {
  await writeFile(join(folder, RUN_FILE), `${JSON.stringify(report, undefined, 2)}\n`);
}
