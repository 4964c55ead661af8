import type { PacketTrace } from '../../../datapath/trace/packet-trace.ts';
import type { Where } from '../scenario.ts';
import type { FieldComparison } from './frame-fit.ts';

/** `run`: that all of it was played. */
type ExpectationKind = 'frames' | 'other-frames' | 'drops' | 'flows' | 'paths' | 'run';

/** One thing that was expected, and how it went. Names and text only: as JSON it is a published format. */
export interface CheckResult {
  readonly kind: ExpectationKind;
  /** Where it stands in its file; undefined for what no line says, such as that nothing else may leave. */
  readonly where: Where | undefined;
  /** What was expected, in words: `edge:uplink: ip.dst 8.8.8.8, udp.dstport 53`. */
  readonly title: string;
  readonly failure: Failure | undefined;
}

export interface Failure {
  /** How many, in words. */
  readonly expected: string;
  readonly received: string;
  /** What was nearest to it; of what came too often, the first too many. */
  readonly nearest: Nearest | undefined;
  /** A few of the frames that nobody expected. */
  readonly examples: readonly FrameNote[];
  /** The story of the nearest, or of the first example: where it went instead. Undefined when it never got under way. */
  readonly trace: PacketTrace | undefined;
}

export interface FrameNote {
  readonly port: string;
  /** Seconds since the start of the run. */
  readonly at: string;
  readonly packet: number;
  readonly summary: string;
}

export interface Nearest {
  /**
   * - `frame-out`: a frame that left; `frame-in`: a packet that did not
   * - `packet`: one that came in, whatever became of it
   * - `flow`: one that was installed, or that a packet met or would have made
   * - `path`: the way of a packet
   * - `expectation`: of a frame that nobody expected, the one that it nearly met
   */
  readonly what: 'frame-out' | 'frame-in' | 'packet' | 'flow' | 'path' | 'expectation';
  /** The frame itself; of a flow the packet that made it, of a path the one that went there. */
  readonly frame: FrameNote | undefined;
  /** With `expectation`: which. */
  readonly expectation?: Pick<CheckResult, 'title' | 'where'>;
  readonly fields: readonly FieldComparison[];
}
