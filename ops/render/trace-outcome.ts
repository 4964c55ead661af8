import type { Disposition, PacketTrace, TraceGenerated, TraceOutput } from '../../datapath/trace/packet-trace.ts';
import type { Look } from './look.ts';
import { printable } from './text-width.ts';

/** Ports named of each set of ways out, where not all is told; the rest is counted. */
const PORTS_NAMED = 8;

const ENDS = {
  forwarded: ['good', 'good', 'forwarded'],
  consumed: ['good', 'good', 'consumed'],
  dropped: ['bad', 'bad', 'dropped'],
  'gave-up': ['wait', 'warn', 'gave up'],
} as const;

/**
 * What became of it, in a line; then the ways out, those together that leave the same frame, and every packet that devices made.
 *
 * @param isFull all ports and all fragments are named
 */
export function outcomeLines(trace: PacketTrace, isFull: boolean, look: Look): string[] {
  const lines = [endLine(trace, look)];
  for (const way of waysOut(trace.outputs)) lines.push(...wayLines(way, trace, isFull, look));
  for (const made of trace.generated) {
    lines.push(`${look.signs.made} ${printable(makerOf(made))}`, `    ${look.paint.quiet(printable(made.summary))}`);
  }
  return lines;
}

function endLine({ disposition, outputs }: PacketTrace, { paint, signs }: Look): string {
  const [sign, colour] = ENDS[disposition.kind];
  const frames = `, ${outputs.length} ${outputs.length === 1 ? 'frame' : 'frames'} out`;
  const text = `${endOf(disposition)}${disposition.kind === 'forwarded' ? frames : ''}`;
  return paint[colour](`${signs[sign]} ${printable(text)}`);
}

/** `dropped: no-route`. */
function endOf({ kind, reason = 'no reason given' }: Disposition): string {
  const [, , word] = ENDS[kind];
  return kind === 'forwarded' ? word : `${word}: ${reason}`;
}

/** `icmp-error, packet 7, by edge:uplink`. */
function makerOf({ packet, cause, egress }: TraceGenerated): string {
  return packet === undefined ? `${cause} by ${egress}` : `${cause}, packet ${packet}, by ${egress}`;
}

/** Ports that the very same frames left by: one frame, or the fragments of it. */
interface WayOut {
  readonly ports: string[];
  readonly frames: [TraceOutput, ...TraceOutput[]];
}

/** The ways out in sets that leave the same octets, in the order of their first. */
function waysOut(outputs: readonly TraceOutput[]): readonly WayOut[] {
  const ways: WayOut[] = [];
  for (const output of outputs) {
    if (output.fragment === undefined || output.fragment === 1) ways.push({ ports: [output.port], frames: [output] });
    else ways.at(-1)?.frames.push(output);
  }
  const sets = new Map<string, WayOut>();
  for (const way of ways) {
    const octets = way.frames.map(({ frame }) => frame).join(' ');
    const known = sets.get(octets);
    if (known === undefined) sets.set(octets, way);
    else known.ports.push(...way.ports);
  }
  return [...sets.values()];
}

/** `web:web-2, web:web-3 and 5 more, 3 fragments`. */
function portsOf({ ports, frames }: WayOut, most: number): string {
  const rest = ports.length - most;
  const fragments = frames.length === 1 ? '' : `, ${frames.length} fragments`;
  return `${ports.slice(0, most).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}${fragments}`;
}

function wayLines(way: WayOut, trace: PacketTrace, isFull: boolean, { paint, signs }: Look): string[] {
  const { frames } = way;
  const [{ rewrites }] = frames;
  const told = frames.length === 1 || isFull ? frames.filter(({ summary }) => summary !== trace.summary) : [];
  return [
    `  ${signs.to} ${printable(portsOf(way, isFull ? Infinity : PORTS_NAMED))}`,
    ...told.map(({ summary }) => `      ${printable(summary)}`),
    `      ${paint.quiet(rewrites.length === 0 ? 'unchanged' : printable(rewrites.join(', ')))}`,
  ];
}

/** The packet in short: how it ended, as a sign, where it came in, what it is. */
export function packetInShort({ packet, origin, port, summary, disposition }: PacketTrace, look: Look): string {
  const [sign, colour] = ENDS[disposition.kind];
  const { paint, signs } = look;
  const number = origin.kind === 'what-if' ? '' : `#${packet} `;
  return `${paint[colour](signs[sign])} ${paint.strong(printable(`${number}${port}`))}  ${printable(summary)}`;
}

/** What an observer outside of the network sees of its end: each way out and how the frame had changed, or why there is none. */
export function outcomeInShort(trace: PacketTrace, { paint, signs }: Look): string[] {
  const { disposition, outputs, generated } = trace;
  const [, colour] = ENDS[disposition.kind];
  const ways = waysOut(outputs).map((way) => {
    const changes = way.frames[0].rewrites.join(', ');
    const ports = `${signs.to} ${printable(portsOf(way, PORTS_NAMED))}`;
    return changes === '' ? ports : `${ports}  ${paint.quiet(printable(changes))}`;
  });
  const end = paint[colour](printable(`${endOf(disposition)}${whereOf(trace)}`));
  const made = generated.map((one) => `${signs.made} ${printable(`${makerOf(one)}: ${one.summary}`)}`);
  return [...(ways.length === 0 ? [end] : ways), ...made];
}

/** Where it ended, or what it waited for in vain. */
function whereOf({ disposition: { kind, reason }, way, suspended }: PacketTrace): string {
  const need = suspended.at(-1)?.need;
  if (kind === 'gave-up') return need === undefined ? '' : `, for want of ${need}`;
  const device = way.findLast(({ end }) => end !== undefined && end.reason === reason)?.device;
  return device === undefined ? '' : ` at ${device}`;
}
