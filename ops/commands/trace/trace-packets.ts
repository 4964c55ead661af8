import { parseState, StateProblem } from '../../../actors/scenario/network-state.ts';
import type { InitialState } from '../../../actors/scenario/what-if.ts';
import { readText } from '../../../topology/file/read-topology.ts';
import { isOfTheWorld } from '../../../topology/file/unreadable.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import type { Detail } from '../../render/trace-text.ts';
import { withCaptures } from '../../run/with-captures.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';
import { loadNetwork } from '../load-network.ts';
import { storyOf } from './story-of.ts';

export interface TraceOptions {
  readonly in: string;
  readonly detail: Detail;
  readonly state: string;
  readonly output: 'text' | 'tree' | 'json';
}

const AFTER_FRAME = 'after-frame:';

/**
 * Tells the story of each packet, one after the other: each meets the network as it was set up.
 *
 * @throws Trouble when port, packet or state make no sense; TroubleTold when the network is not sound
 */
export async function tracePackets(
  path: string,
  packets: readonly string[],
  options: TraceOptions,
  shell: Shell,
): Promise<ExitCode> {
  const scenario = await loadNetwork(path, shell);
  const state = await stateOf(options.state, shell.signal);
  const { in: port, output, detail, state: stateText } = options;
  const isLineEach = output === 'text' && detail === 'minimal';
  // What is played for the state, and for each packet anew, may be what the packets are from.
  await withCaptures(packets.length > 1 || state.kind === 'after-frame', async (readCapture) => {
    for (const [at, packet] of packets.entries()) {
      if (at > 0 && output !== 'json' && !isLineEach) shell.out('\n');
      const request = { scenario, port, packet, state, stateText, output, detail, readCapture };
      // oxlint-disable-next-line eslint/no-await-in-loop -- in the order of asking
      shell.out(await storyOf(request, shell));
    }
  });
  return shell.signal.aborted ? EXIT.interrupted : EXIT.fine;
}

async function stateOf(text: string, signal: AbortSignal): Promise<InitialState> {
  if (text === 'stations' || text === 'empty') return { kind: text };
  if (text.startsWith(AFTER_FRAME)) return { kind: 'after-frame', frame: frameOf(text) };
  const file = await readText(text, signal);
  if (!file.ok) {
    const { what } = file.error;
    if (isOfTheWorld(file.error)) throw new Trouble(`--state ${text}: ${what}`, EXIT.worldFailed);
    throw new Trouble(`--state ${text}: ${what}; expected stations, empty, after-frame:N or a state file`);
  }
  try {
    return { kind: 'given', state: parseState(file.text) };
  } catch (cause) {
    if (cause instanceof StateProblem) throw new Trouble(`${text}: ${cause.message}`);
    throw cause;
  }
}

function frameOf(text: string): number {
  const said = text.slice(AFTER_FRAME.length);
  if (/^\d+$/.test(said)) return Number(said);
  throw new Trouble(
    `--state ${text}: "${said}" is wrong, expected a whole number: of a frame, or 0 for before the first`,
  );
}
