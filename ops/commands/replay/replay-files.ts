import { writeFile } from 'node:fs/promises';
import { Replay } from '../../../actors/scenario/replay.ts';
import type { Scenario } from '../../../actors/scenario/scenario.ts';
import { CaptureWriteError } from '../../../datapath/capture/capture-sink.ts';
import { MemoryRunOutput, type RunOutput } from '../../../datapath/trace/run-output.ts';
import { RunRecorder } from '../../../datapath/trace/run-recorder.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { formatPaths, PathGroups } from '../../render/trace-paths.ts';
import { formatSummary } from '../../render/summary.ts';
import { play, type Played } from '../../run/play.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';

export interface ReplayFlags {
  readonly topology?: string;
  readonly l2?: 'keep' | 'adapt';
  readonly until?: string;
  /** False: no outputs. */
  readonly out?: string | false;
  readonly frames: 'pcapng' | 'pcap' | 'none';
  readonly hops?: true;
  readonly traces?: true;
  readonly paths?: true;
  readonly saveState?: string;
  readonly update?: true;
  readonly junit?: string;
  readonly flows: boolean;
  readonly strict?: true;
  readonly output: 'text' | 'json' | 'junit';
}
