import { resolve } from 'node:path';
import type { PacketTrace } from '../../../datapath/trace/packet-trace.ts';
import { addressesOf } from '../../../actors/expression/addresses-of.ts';
import { buildPacket } from '../../../actors/expression/build-packet.ts';
import { formatExpressionProblem, type ExpressionProblem } from '../../../actors/expression/expression-problem.ts';
import type { PacketExpression } from '../../../actors/expression/packet-expression.ts';
import { parsePacketExpression } from '../../../actors/expression/parse-expression.ts';
import { frameOf } from '../../../actors/frame-of.ts';
import { entryFaultOf } from '../../../actors/scenario/entry-fault.ts';
import { StateProblem } from '../../../actors/scenario/network-state.ts';
import type { Scenario } from '../../../actors/scenario/scenario.ts';
import { WhatIf, WhatIfProblem, type InitialState } from '../../../actors/scenario/what-if.ts';
import { resolvePort } from '../../../topology/file/topology.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { formatIpv4, type Ipv4 } from '../../../topology/model/ipv4.ts';
import { count } from '../../render/count.ts';
import { describePacketInFull } from '../../render/packet-in-full.ts';
import { formatTrace, type Detail } from '../../render/trace-text.ts';
import { formatTraceTree } from '../../render/trace-tree.ts';
import { EXIT } from '../../exit-code.ts';
import { readTrouble } from '../../file-trouble.ts';
import { Trouble } from '../../trouble.ts';
import type { CaptureReader } from '../../run/with-captures.ts';
import type { Look } from '../../render/look.ts';
import type { Shell } from '../../shell.ts';

/** What to trace, and how to show it. */
export interface TraceRequest {
  readonly scenario: Scenario;
  /** `web-1`, `web:web-1`. */
  readonly port: string;
  /** See docs/packet-expression.md. */
  readonly packet: string;
  readonly state: InitialState;
  /** As the user said it. */
  readonly stateText: string;
  readonly output: 'text' | 'tree' | 'json';
  readonly detail: Detail;
  readonly readCapture: CaptureReader;
}

interface Frame {
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  /** What was filled in, a line each. */
  readonly filledIn: readonly string[];
}

/**
 * Answers what would become of a packet.
 *
 * @returns what to print
 * @throws Trouble when port or packet make no sense; or when the packet's capture cannot be read
 */
export async function storyOf(request: TraceRequest, { look, quiet, signal }: Shell): Promise<string> {
  const { scenario } = request;
  const port = portOf(request);
  const expression = parsePacketExpression(request.packet);
  if (expression.kind === 'problem') throw problem(request.packet, expression);
  const whatIf = await openOrTell(request, addressesOf(expression), port, signal);
  try {
    const frame = await frameOfRequest(request, expression, whatIf, port, signal);
    const story = await whatIf.trace(port, frame.bytes, frame.wireLength, request.packet);
    if (request.output === 'json') return `${JSON.stringify(story, undefined, 2)}\n`;
    const { output, detail } = request;
    const body = output === 'tree' ? formatTraceTree(story, detail, look) : formatTrace(story, detail, look);
    if (quiet || detail === 'minimal') return body;
    const head = [
      ...describePacketInFull(frameOf(frame.bytes, frame.wireLength), look),
      ...frame.filledIn.map((line) => look.paint.quiet(`filled in: ${line}`)),
      ...assumptionLines(whatIf, scenario, story, look),
    ];
    return `${head.join('\n')}\n\n${body}`;
  } finally {
    await whatIf.close();
  }
}

async function openOrTell(
  { scenario, state, stateText, readCapture }: TraceRequest,
  talking: readonly Ipv4[],
  port: Uuid,
  signal: AbortSignal,
): Promise<WhatIf> {
  try {
    return await WhatIf.open(scenario, state, talking, port, { readCapture, signal });
  } catch (cause) {
    const isAboutState = cause instanceof WhatIfProblem || cause instanceof StateProblem;
    if (isAboutState) throw new Trouble(`--state ${stateText}: ${cause.message}`, EXIT.badInput, { cause });
    throw readTrouble(scenario.inputs[0]?.path ?? '', cause);
  }
}

function portOf({ scenario, port }: TraceRequest): Uuid {
  const found = resolvePort(scenario.topology, port);
  const fault = found.ok ? entryFaultOf(scenario.topology, found.id) : { what: found.message, ...found };
  if (found.ok && fault === undefined) return found.id;
  const hint = fault?.didYouMean === undefined ? '' : `, did you mean "${fault.didYouMean}"?`;
  throw new Trouble(`--in ${port}: ${fault?.what}${hint}`);
}

async function frameOfRequest(
  request: TraceRequest,
  expression: PacketExpression,
  whatIf: WhatIf,
  port: Uuid,
  signal: AbortSignal,
): Promise<Frame> {
  if (expression.kind === 'capture')
    return frameOfInput(
      await frameOfCapture(expression.file, expression.frame, request.readCapture, signal),
      expression.file,
      request,
      whatIf,
      port,
    );
  const built = buildPacket(expression, whatIf.surroundingsOf(port));
  if (built.kind === 'problem') throw problem(request.packet, built);
  return { bytes: built.bytes, wireLength: built.bytes.length, filledIn: built.filledIn };
}

/** A frame of a capture that the scenario plays adapted is adapted here too. */
function frameOfInput(
  { bytes, wireLength }: { readonly bytes: Uint8Array; readonly wireLength: number },
  file: string,
  { scenario }: TraceRequest,
  whatIf: WhatIf,
  port: Uuid,
): Frame {
  const isAdapted = scenario.inputs.some(({ path, l2 }) => l2 === 'adapt' && resolve(path) === resolve(file));
  if (!isAdapted) return { bytes, wireLength, filledIn: [] };
  const filledIn = ['MAC addresses, adapted as the scenario plays this capture'];
  return { bytes: whatIf.adapted(port, bytes, wireLength), wireLength, filledIn };
}

async function frameOfCapture(
  file: string,
  wanted: number,
  readCapture: CaptureReader,
  signal: AbortSignal,
): Promise<{ bytes: Uint8Array; wireLength: number }> {
  if (wanted < 1) throw new Trouble(`${file}#${wanted}: the first frame is 1`);
  let last = 0;
  try {
    for await (const frames of readCapture(file, { signal })) {
      const frame = frames.find(({ index }) => index === wanted);
      if (frame !== undefined) return { bytes: frame.bytes, wireLength: frame.wireLength };
      last = frames.at(-1)?.index ?? last;
    }
  } catch (cause) {
    throw readTrouble(file, cause);
  }
  throw new Trouble(`${file}#${wanted}: the capture has ${count(last, 'frame')}`);
}

/** The assumed stations that the story speaks of. */
function assumptionLines(whatIf: WhatIf, { topology }: Scenario, story: PacketTrace, { paint }: Look): string[] {
  const told = JSON.stringify(story);
  return whatIf.assumptions.flatMap(({ address, port }) => {
    if (!told.includes(formatIpv4(address))) return [];
    const name = topology.names.nameOf.get(port) ?? port;
    return paint.quiet(`assumed: a station ${formatIpv4(address)} at ${name} (a scenario can say where it is)`);
  });
}

function problem(text: string, found: ExpressionProblem): Trouble {
  return new Trouble(formatExpressionProblem(text, found).join('\n'));
}
