import { frameOf } from '../../actors/frame-of.ts';
import { Datapath, type FrameSink } from '../../datapath/datapath.ts';
import { ACTIONS_CODEC } from '../../datapath/action-words.ts';
import type { FlowActions } from '../../datapath/flow-actions.ts';
import { NO_FLOW } from '../../datapath/flow-table/flow.ts';
import { FlowTable } from '../../datapath/flow-table/flow-table.ts';
import { TUNNEL, TCP_FLAGS, TOS, type Fields } from '../../simulation/packet/fields.ts';
import type { PortId } from '../../topology/model/ids.ts';
import { ipv4Of } from '../../topology/model/ipv4.ts';
import type { Millis } from '../../topology/model/time.ts';
import { openNetwork, RECEIVERS, receiverAddress, routedFrame } from './bench-network.ts';

/** Fields that the simulations did not see, to make more masks of the four that they came to. */
const FURTHER_SIGHTS: readonly Fields[] = [0, TOS, TCP_FLAGS, TOS | TCP_FLAGS, TUNNEL];

/** Frames in memory, and a datapath whose table has a flow for each of them. */
export interface RoutedFlows {
  readonly frames: readonly Uint8Array[];
  readonly ingresses: readonly PortId[];
  readonly now: Millis;
  readonly datapath: Datapath;
}

/** What left: counted, and kept when asked for. */
class Outlet {
  frames = 0;
  octets = 0;
  isKeeping = true;
  /** By packet. */
  readonly kept = new Map<number, string>();

  readonly frameOut: FrameSink['frameOut'] = (port, bytes, length, _wireLength, packet) => {
    this.frames++;
    this.octets += length;
    if (this.isKeeping)
      this.kept.set(packet, `${port} ${Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('hex')}`);
  };
}

/**
 * Has actors route `count` conversations, and puts the flows that came of it before a datapath. Each hit has been checked: the octets
 * that leave are those that the actors made of the same frame.
 *
 * The actors come to four masks: routed from behind a bridge or from an uplink, by one route or by one of two equal ones.
 *
 * @param masks 4; or up to 20, when some flows are as if their simulation had seen more
 */
export async function routedFlows(count: number, masks: 4 | 20): Promise<RoutedFlows> {
  const slow = new Outlet();
  const { agent, time, ports } = await openNetwork({ frameOut: slow.frameOut }, { flowCapacity: count });
  const frames: Uint8Array[] = [];
  const ingresses: PortId[] = [];
  for (let n = 0; n < count; n++) {
    const from = n % 2 === 0 ? 'left' : 'uplink';
    const to = n % 4 < 2 ? receiverAddress(n % RECEIVERS) : ipv4Of(0x0a09_0000 + (n % 50_021));
    frames.push(routedFrame(n, { from, to }));
    ingresses.push(ports[from]);
  }
  await simulate(frames, ingresses);
  const now = time.now();
  const flows = masks === 4 ? agent.flows : widened(agent.flows, frames, ingresses, now);
  if (flows.size !== count || flows.masks !== masks) throw new Error(`${flows.size} flows, ${flows.masks} masks`);

  const fast = new Outlet();
  const datapath = new Datapath(flows, fast);
  for (const [n, bytes] of frames.entries()) {
    datapath.receive(bytes, bytes.length, ingresses[n] ?? ports.left, now, n);
    if (!fast.kept.has(n) || fast.kept.get(n) !== slow.kept.get(n)) throw new Error(`frame ${n} left otherwise`);
  }
  fast.isKeeping = false;
  await agent.close();
  return { frames, ingresses, now, datapath };

  async function simulate(all: readonly Uint8Array[], entries: readonly PortId[]): Promise<void> {
    for (const [n, bytes] of all.entries()) {
      agent.receive({ packet: n, bytes, wireLength: bytes.length, port: entries[n] ?? ports.left });
      // Until devices have started, packets wait, and would leave in another order.
      // oxlint-disable-next-line eslint/no-await-in-loop -- a burst after the other
      if (n < 100 || n % 256 === 0) await agent.settled();
    }
    await agent.settled();
  }
}

function widened(
  flows: FlowTable<FlowActions>,
  frames: readonly Uint8Array[],
  ingresses: readonly PortId[],
  now: Millis,
): FlowTable<FlowActions> {
  const wide = new FlowTable({ capacity: frames.length, actions: ACTIONS_CODEC });
  for (const [n, bytes] of frames.entries()) {
    const { words } = frameOf(bytes, bytes.length, ingresses[n]);
    const flow = flows.peek(words, 0, bytes.length - 14, now);
    if (flow === NO_FLOW) throw new Error(`no flow for frame ${n}`);
    const view = flows.view(flow);
    const seen = view.fields | (FURTHER_SIGHTS[Math.floor(n / 4) % FURTHER_SIGHTS.length] ?? 0);
    const { actions, tags, path, lifetime, mtu } = view;
    wide.insert({ key: words, seen, actions, tags, path, lifetime, mtu, epoch: wide.beginSimulation() }, now);
  }
  return wide;
}

/** Lets frames in, by these numbers. */
export function receiveAll({ datapath, frames, ingresses, now }: RoutedFlows, order: Uint32Array): void {
  const before = datapath.hits;
  for (let at = 0; at < order.length; at++) {
    const n = order[at] ?? 0;
    const bytes = frames[n];
    const port = ingresses[n];
    if (bytes === undefined || port === undefined) throw new RangeError(`no frame ${n}`);
    datapath.receive(bytes, bytes.length, port, now, at);
  }
  if (datapath.hits - before !== order.length) throw new Error(`${datapath.hits - before} hits of ${order.length}`);
}
