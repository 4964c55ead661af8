import type { AccountingReport } from './accounting.ts';
import type { ChangeTrace } from './change-trace.ts';
import type { PacketTrace, TraceFlow } from './packet-trace.ts';

/** Undefined: go on. A promise: the writer is behind, wait for it before giving it more. */
export type Room = Promise<void> | undefined;

/** A frame at a port, as a capture taken there would have it. */
export interface PortFrame {
  /** Of a hop, or where the frame was dropped, perhaps a bridge or a router. */
  readonly port: string;
  /** `hop`: inside the network; `drop`: where it ended. */
  readonly event: 'in' | 'out' | 'hop' | 'drop';
  readonly bytes: Uint8Array;
  /** Octets on the wire; more than `bytes.length` when the capture had cut it. */
  readonly wireLength: number;
  /** Since the start of the run. */
  readonly seconds: number;
  readonly nanos: number;
  /** The packet's number: the same for all copies of it. */
  readonly packet: number;
  /** What became of it, or at a hop what was decided: `forwarded`, `dropped: no-route`. */
  readonly verdict: string;
  /** The packet's end is open: {@link RunOutput.decided} will tell it, and its verdict is what to say until then. */
  readonly isOpen?: boolean;
  /** Further lines for people: the path, what decided. */
  readonly comments: readonly string[];
}

/** A flow at the end of a run. */
export interface FlowRecord extends TraceFlow {
  /** Order of installation in the run, from 1. */
  readonly number: number;
  readonly packets: number;
  readonly octets: number;
}

/** What a run was, for programs. As JSON it is a published format: `version` changes when a reader must. */
export interface RunReport {
  readonly version: 1;
  /** False when anything is missing from the outputs. */
  readonly complete: boolean;
  /** Why it is not complete, and whatever else went wrong: `web-1.pcap: cut short at octet 1234`. */
  readonly problems: readonly string[];
  readonly seed: string;
  /** Seconds of virtual time, nine decimals. */
  readonly duration: string;
  readonly accounting: AccountingReport;
  readonly flows: { readonly installed: number; readonly hits: number; readonly simulations: number };
  /** The files beside this one, by name. */
  readonly files: readonly string[];
}

/** How a run ended, and what the recorder does not know itself. */
export type RunEnd = Omit<RunReport, 'version' | 'files'>;

/** Everything that a run leaves behind. Calls do not overlap with a promise that was not yet waited for. */
export interface RunOutput {
  /** Whether flows are kept: what they rest on is noted while the run goes on for one who wants to know. */
  readonly wantsFlows: boolean;
  frame(frame: PortFrame): Room;
  /** What became of a packet whose frame was given when that was open. Of no packet it is told twice. */
  decided(packet: number, verdict: string): Room;
  /** The story of a packet. */
  trace(trace: PacketTrace): Room;
  /** The way of a change of the network. */
  change(change: ChangeTrace): Room;
  /** Flows at the end, in the order of their numbers. */
  flow(flow: FlowRecord): Room;
  /** Writes the rest. Nothing is written afterwards. */
  finish(end: RunEnd): Promise<RunReport>;
}

/** Keeps what a run leaves behind in memory: for tests, and for runs that are shown and not kept. */
export class MemoryRunOutput implements RunOutput {
  readonly frames: PortFrame[] = [];
  readonly traces: PacketTrace[] = [];
  readonly changes: ChangeTrace[] = [];
  readonly flows: FlowRecord[] = [];
  readonly wantsFlows = true;
  report: RunReport | undefined;
  /** Places of the frames of packets whose ends are open. */
  readonly #open = new Map<number, number>();

  /** Keeps a copy of the octets: the frame's own may be written over. */
  frame({ isOpen, ...frame }: PortFrame): Room {
    if (isOpen === true) this.#open.set(frame.packet, this.frames.length);
    this.frames.push({ ...frame, bytes: Uint8Array.from(frame.bytes) });
    return undefined;
  }

  decided(packet: number, verdict: string): Room {
    const at = this.#open.get(packet);
    const frame = at === undefined ? undefined : this.frames[at];
    if (at !== undefined && frame !== undefined) this.frames[at] = { ...frame, verdict };
    this.#open.delete(packet);
    return undefined;
  }

  trace(trace: PacketTrace): Room {
    this.traces.push(trace);
    return undefined;
  }

  change(change: ChangeTrace): Room {
    this.changes.push(change);
    return undefined;
  }

  flow(flow: FlowRecord): Room {
    this.flows.push(flow);
    return undefined;
  }

  finish(end: RunEnd): Promise<RunReport> {
    this.report = { version: 1, ...end, files: [] };
    return Promise.resolve(this.report);
  }
}

/** Keeps nothing: for runs of which only the account is wanted. */
export class NoOutput implements RunOutput {
  readonly wantsFlows = false;

  frame(): Room {
    return undefined;
  }

  decided(): Room {
    return undefined;
  }

  trace(): Room {
    return undefined;
  }

  change(): Room {
    return undefined;
  }

  flow(): Room {
    return undefined;
  }

  finish(end: RunEnd): Promise<RunReport> {
    return Promise.resolve({ version: 1, ...end, files: [] });
  }
}
