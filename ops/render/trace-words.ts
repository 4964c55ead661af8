import type {
  FieldValue,
  PacketOrigin,
  PacketTrace,
  TraceFlow,
  TraceHop,
  TraceOutput,
  TraceVerdict,
} from '../../datapath/trace/packet-trace.ts';
import type { Look } from './look.ts';
import { printable } from './text-width.ts';

/** The words that all forms of a trace share, so that the three levels and the tree say a thing alike. */

type VerdictKind = TraceVerdict['kind'];

const POINT_WORDS: Readonly<Record<TraceHop['point'], string>> = { ingress: ' in', device: '', egress: ' out' };

/** The sign tells in any colour what became of the packet. */
const VERDICT_SIGNS: Readonly<Record<VerdictKind, 'to' | 'good' | 'bad' | 'wait'>> = {
  deliver: 'to',
  forward: 'to',
  flood: 'to',
  cross: 'to',
  emit: 'good',
  consumed: 'good',
  drop: 'bad',
  suspend: 'wait',
};

const SIGN_PAINTS = { to: 'plain', good: 'good', bad: 'bad', wait: 'warn' } as const;

/** `port in`, `bridge`, `router`, `port out`. */
export function placeOf({ kind, point }: TraceHop): string {
  return kind + POINT_WORDS[point];
}

/** `→ edge:db`, `✗ no-route`. */
export function verdictOf(verdict: TraceVerdict, look: Look): string {
  return `${verdictSign(verdict, look)} ${verdictWord(verdict)}`;
}

export function verdictSign({ kind }: TraceVerdict, { signs }: Look): string {
  return signs[VERDICT_SIGNS[kind]];
}

export function verdictWord({ kind, to, reason = 'no reason given' }: TraceVerdict): string {
  if (kind === 'flood') return `floods ${to.length} ${to.length === 1 ? 'port' : 'ports'}`;
  if (kind === 'emit') return 'leaves';
  if (kind === 'suspend') return 'waits';
  return kind === 'consumed' || kind === 'drop' ? reason : to.join(', ');
}

export function paintVerdict({ kind }: TraceVerdict, { paint }: Look): (text: string) => string {
  return paint[SIGN_PAINTS[VERDICT_SIGNS[kind]]];
}

/** Who sent it, and when: the first lines of every form. */
export function headLines(trace: PacketTrace, { paint }: Look): string[] {
  const way = trace.origin.kind === 'generated' ? 'leaving' : 'into';
  const octets = `${trace.wireLength} octets`;
  const who = trace.origin.kind === 'what-if' ? 'A packet' : `Packet ${trace.packet}`;
  const where = `${who} ${way} ${trace.port} at ${trace.at}`;
  return [
    `${paint.strong(printable(where))}  ${paint.quiet(printable(`${octets}, ${originOf(trace.origin)}`))}`,
    printable(trace.summary),
  ];
}

function originOf(origin: PacketOrigin): string {
  if (origin.kind === 'what-if') return 'a what-if';
  if (origin.kind === 'capture') return `frame ${origin.frame} of ${origin.file}`;
  if (origin.kind === 'station') return `from station ${origin.station}: ${origin.because}`;
  const cause = origin.packet === undefined ? '' : ` because of packet ${origin.packet}`;
  return `made by ${origin.by}: ${origin.cause}${cause}`;
}

/**
 * What became of it, in a line; then the ways out, those together that leave the same frame, and every packet that devices made.
 *
 * @param most ports named of each set of ways out; the rest is counted
 */
export function outcomeLines(trace: PacketTrace, look: Look, most: number): string[] {
  const lines = [endLine(trace, look)];
  for (const alike of alikeOutputs(trace.outputs)) lines.push(...outputLines(alike, trace, look, most));
  for (const { packet, cause, egress, summary } of trace.generated) {
    const name = packet === undefined ? cause : `${cause}, packet ${packet},`;
    lines.push(
      `${look.signs.made} ${printable(`${name} by ${egress}`)}`,
      `    ${look.paint.quiet(printable(summary))}`,
    );
  }
  return lines;
}

const ENDS = {
  forwarded: ['good', 'good', 'forwarded'],
  consumed: ['good', 'good', 'consumed'],
  dropped: ['bad', 'bad', 'dropped'],
  'gave-up': ['wait', 'warn', 'gave up'],
} as const;

function endLine({ disposition, outputs }: PacketTrace, { paint, signs }: Look): string {
  const [sign, colour, word] = ENDS[disposition.kind];
  const more =
    disposition.kind === 'forwarded'
      ? `, ${outputs.length} ${outputs.length === 1 ? 'frame' : 'frames'} out`
      : `: ${printable(disposition.reason ?? 'no reason given')}`;
  return paint[colour](`${signs[sign]} ${word}${more}`);
}

/** The ways out in sets that leave the very same octets, in the order of their first. */
function alikeOutputs(outputs: readonly TraceOutput[]): readonly (readonly [TraceOutput, ...TraceOutput[]])[] {
  const sets = new Map<string, [TraceOutput, ...TraceOutput[]]>();
  for (const output of outputs) {
    const known = sets.get(output.frame);
    if (known === undefined) sets.set(output.frame, [output]);
    else known.push(output);
  }
  return [...sets.values()];
}

function outputLines(
  alike: readonly [TraceOutput, ...TraceOutput[]],
  trace: PacketTrace,
  { paint, signs }: Look,
  most: number,
): string[] {
  const [{ summary, rewrites }] = alike;
  const rest = alike.length - most;
  const ports = alike.slice(0, most).map(({ port }) => port);
  const lines = [`  ${signs.to} ${printable(ports.join(', '))}${rest > 0 ? ` and ${rest} more` : ''}`];
  if (summary !== trace.summary) lines.push(`      ${printable(summary)}`);
  lines.push(`      ${paint.quiet(rewrites.length === 0 ? 'unchanged' : printable(rewrites.join(', ')))}`);
  return lines;
}

/** The three lines that readers of `ofproto/trace` look for, after one about the flow itself. */
export function flowLines(trace: PacketTrace, look: Look): string[] {
  const { flow } = trace;
  const { paint } = look;
  const title = (text: string): string => paint.strong(text);
  const finals = finalFlows(trace).map((text) => `${title('Final flow:')} ${printable(text)}`);
  if (flow === undefined)
    return [
      ...finals,
      `${title('Megaflow:')} none: no flow can stand for this packet`,
      `${title('Datapath actions:')} none`,
    ];
  return [
    `${title('Flow:')} ${printable(flowState(flow))}`,
    ...finals,
    `${title('Megaflow:')} ${printable(formatFields(flow.match))}`,
    `${title('Datapath actions:')} ${printable(flow.actions.length === 0 ? 'drop' : flow.actions.join(','))}`,
  ];
}

const FLOW_STATES = {
  installed: 'installed',
  'would-install': 'would be installed',
  exists: 'was there already,',
} as const;

function flowState({ state, because, lifetimeSeconds, mtu }: TraceFlow): string {
  if (state === 'not-installed') return `not installed: ${because ?? 'no reason given'}`;
  const limit = mtu === undefined ? '' : `, IP packets up to ${mtu} octets`;
  return `${FLOW_STATES[state]} for ${lifetimeSeconds} s${limit}`;
}

/** The packet's fields as each way out leaves them; one text for ways that agree. */
function finalFlows({ flow, outputs }: PacketTrace): readonly string[] {
  const key = flow?.key ?? [];
  const ways = new Map<string, string[]>();
  for (const { rewrites, port } of outputs) {
    const text = rewrites.length === 0 ? 'unchanged' : rewritten(key, rewrites);
    ways.set(text, [...(ways.get(text) ?? []), port]);
  }
  if (ways.size === 0) return ['unchanged'];
  if (ways.size === 1) return [...ways.keys()];
  return [...ways].map(([text, ports]) => `(${ports.join(', ')}) ${text}`);
}

function rewritten(key: readonly FieldValue[], rewrites: readonly string[]): string {
  const values = new Map(key.map(({ field, value }) => [field, value]));
  for (const rewrite of rewrites) {
    const at = rewrite.indexOf('=');
    values.set(rewrite.slice(0, at), rewrite.slice(at + 1));
  }
  return [...values].map(([field, value]) => `${field}=${value}`).join(',');
}

/** `in_port=web:web-1,ip.dst=10.0.2.20`. */
export function formatFields(fields: readonly FieldValue[]): string {
  return fields.map(({ field, value }) => `${field}=${value}`).join(',');
}

/** What a flow that answered rests on, in a line. */
export function hitLine(trace: PacketTrace, { paint, signs }: Look): string {
  const path = trace.flow?.path ?? [];
  const by = path.length === 0 ? '' : `, decided before by ${path.join(` ${signs.to} `)}`;
  return `${paint.good(signs.good)} a flow answered${printable(by)}`;
}

/** The title of a run that had to wait. */
export function runTitle(number: number, at: string, need: string, { paint, signs }: Look): string {
  return `${paint.strong(`Run ${number} at ${at}`)}  ${paint.warn(printable(`${signs.wait} waited for ${need}`))}`;
}

/** The title of the run after the last wait, which told the end. */
export function lastRunTitle(number: number, { paint }: Look): string {
  return paint.strong(`Run ${number}, when it had come`);
}
