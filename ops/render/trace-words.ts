import type {
  FieldValue,
  PacketOrigin,
  PacketTrace,
  TraceHop,
  TraceVerdict,
} from '../../datapath/trace/packet-trace.ts';
import type { Look } from './look.ts';
import { printable } from './text-width.ts';
import { formatWay } from './way-tree.ts';

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

/** What an MTU made of the packet at a hop; undefined where none did. Where it was too much, the reason of the hop says so. */
export function fragmentWords({ oversize }: TraceHop): string | undefined {
  if (oversize === undefined || oversize.fragments === 0) return undefined;
  const { port, mtu, octets, fragments } = oversize;
  return `fragmented into ${fragments}: ${octets} octets, MTU ${mtu} of ${port}`;
}

export function paintVerdict({ kind }: TraceVerdict, { paint }: Look): (text: string) => string {
  return paint[SIGN_PAINTS[VERDICT_SIGNS[kind]]];
}

/** Who sent it, and when: the first lines of every form but the short ones. */
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

/** `in_port=web:web-1,ip.dst=10.0.2.20`. */
export function formatFields(fields: readonly FieldValue[]): string {
  return fields.map(({ field, value }) => `${field}=${value}`).join(',');
}

/** What a flow that answered rests on, in a line. */
export function hitLine({ way }: PacketTrace, look: Look): string {
  const { paint, signs } = look;
  const by = way.length === 0 ? '' : `, decided before by ${formatWay(way, look)}`;
  return `${paint.good(signs.good)} a flow answered${printable(by)}`;
}

/** The title of a run that had to wait. */
export function runTitle(number: number, at: string, need: string, { paint, signs }: Look): string {
  return `${paint.strong(`Run ${number} at ${at}`)}  ${paint.warn(printable(`${signs.wait} waited for ${need}`))}`;
}

/** The title of the run after the last wait, which told the end. */
export function lastRunTitle(number: number, { paint }: Look): string {
  return paint.strong(`Run ${number}, after the wait`);
}
