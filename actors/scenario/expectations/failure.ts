import type { PacketTrace } from '../../../datapath/trace/packet-trace.ts';
import type { Where } from '../scenario.ts';
import type { FieldComparison } from './frame-fit.ts';

type ExpectationKind = 'frames' | 'other-frames' | 'drops' | 'flows' | 'paths';

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
  /** The story of the nearest, or of the first example: where it went instead. */
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
  readonly what: 'frame-out' | 'frame-in' | 'flow' | 'path';
  /** Undefined for flows. */
  readonly frame: FrameNote | undefined;
  readonly fields: readonly FieldComparison[];
}
