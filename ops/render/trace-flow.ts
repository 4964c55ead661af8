import type { FieldValue, PacketTrace, TraceFlow, TraceOutput } from '../../datapath/trace/packet-trace.ts';
import type { Look } from './look.ts';
import { printable } from './text-width.ts';
import { formatFields } from './trace-words.ts';
import { formatWay } from './way-tree.ts';

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
    `${title('Datapath actions:')} ${printable(actionsOf(flow, trace.outputs))}`,
  ];
}

/** `set(ip.ttl=63),output(db:db-1) in 3 fragments (610 octets, the last 290)`. All but the last are of one size. */
function actionsOf({ actions }: TraceFlow, outputs: readonly TraceOutput[]): string {
  if (actions.length === 0) return 'drop';
  const octets = new Map<string, number[]>();
  for (const { port, frame, fragment } of outputs) {
    if (fragment === 1) octets.set(`output(${port})`, [frame.length / 2]);
    else if (fragment !== undefined) octets.get(`output(${port})`)?.push(frame.length / 2);
  }
  const told = actions.map((action) => {
    const sizes = octets.get(action);
    if (sizes === undefined) return action;
    const [first, last] = [sizes[0], sizes.at(-1)];
    return `${action} in ${sizes.length} fragments (${first} octets${last === first ? '' : `, the last ${last}`})`;
  });
  return told.join(',');
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
  const ways = new Map<string, Set<string>>();
  for (const { rewrites, port } of outputs) {
    const text = rewrites.length === 0 ? 'unchanged' : rewritten(key, rewrites);
    ways.set(text, (ways.get(text) ?? new Set()).add(port));
  }
  if (ways.size === 0) return ['unchanged'];
  if (ways.size === 1) return [...ways.keys()];
  return [...ways].map(([text, ports]) => `(${[...ports].join(', ')}) ${text}`);
}

function rewritten(key: readonly FieldValue[], rewrites: readonly string[]): string {
  const values = new Map(key.map(({ field, value }) => [field, value]));
  for (const rewrite of rewrites) {
    const at = rewrite.indexOf('=');
    values.set(rewrite.slice(0, at), rewrite.slice(at + 1));
  }
  return [...values].map(([field, value]) => `${field}=${value}`).join(',');
}

/** All there is to know of a flow besides its lines: the packet's fields, the facts, the way. */
export function flowDetails({ flow }: PacketTrace, look: Look): string[] {
  const { paint } = look;
  if (flow === undefined) return [];
  const say = (name: string, text: string): string => `      ${paint.quiet(name.padEnd(8))} ${printable(text)}`;
  const lines = [paint.strong('The flow')];
  if (flow.key.length > 0) lines.push(say('packet', formatFields(flow.key).replaceAll(',', ', ')));
  if (flow.tags.length > 0) lines.push(say('facts', flow.tags.join(', ')));
  if (flow.path.length > 0) lines.push(say('path', formatWay(flow.path, look)));
  return lines;
}
