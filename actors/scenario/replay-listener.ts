import type { ChangeTrace } from '../../datapath/trace/change-trace.ts';
import type { PacketTrace } from '../../datapath/trace/packet-trace.ts';
import type { Outcome } from '../../simulation/outcome.ts';
import type { DropReason } from '../../simulation/verdict.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import type { Instant } from '../../topology/model/time.ts';

/** Where a frame of a capture comes from. */
interface FrameSource {
  /** Its input, by its place in the scenario. */
  readonly input: number;
  /** Its number in the capture. */
  readonly frame: number;
  /** No selector took it: it enters where the others go. */
  readonly isElse: boolean;
}

/** A frame on its way into the network. */
export interface FrameIn {
  readonly packet: number;
  readonly at: Instant;
  readonly port: Uuid;
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  /** Undefined for a station's frame. */
  readonly source: FrameSource | undefined;
}

/** Why a frame of a capture never entered. */
export type Unplayed = 'not-selected' | 'cut-short' | 'link-type' | 'after-the-end';

/** Hears all that happens in a run, as it happens. */
export interface ReplayListener {
  /** An input's frame, or a station's, enters. Its bytes are good as long as the run. */
  frameIn(frame: FrameIn): void;
  /** Frames of an input that do not enter: one, or several of a link type. */
  unplayed(input: number, why: Unplayed, frames: number): void;
  /** A frame left by a port; its bytes, from 0 to `length`, are good until the call returns. */
  frameOut(port: Uuid, bytes: Uint8Array, length: number, wireLength: number, packet: number, at: Instant): void;
  /** A copy of a packet left by a port and reached nobody there, as the network could not know. */
  frameLost(port: Uuid, packet: number, reason: DropReason): void;
  /** A packet that {@link frameIn} told of has had its fate. `copies` of it left. */
  ended(packet: number, outcome: Outcome, copies: number): void;
  /** A device made a packet, because of packet `by`, or of its own accord. */
  generated(packet: number, cause: string, by: number | undefined): void;
  /** A packet that a device made has had its fate. */
  generatedEnded(packet: number, outcome: Outcome, copies: number): void;
  /** A device would have made a packet, but it was one too many (C12). */
  limited(cause: string, by: number): void;
  /** The story of a packet that was asked for. */
  traced(trace: PacketTrace): void;
  /** A change of the network made a device anew, or removed flows: told where changes are followed. */
  changed?(trace: ChangeTrace): void;
  /** Asked between two packets: a promise when the outputs are behind, to be waited for. */
  room(): Promise<void> | undefined;
}
