import { Agent } from '../../actors/agent.ts';
import type { AgentListener, AgentOptions } from '../../actors/agent-options.ts';
import { applyTopology } from '../../actors/apply-topology.ts';
import { HostPresence } from '../../actors/host-presence.ts';
import { VirtualTime } from '../../actors/virtual-time.ts';
import { loadTopology } from '../../topology/file/load-topology.ts';
import type { PortId } from '../../topology/model/ids.ts';
import { formatIpv4, ipv4Of, type Ipv4 } from '../../topology/model/ipv4.ts';
import { formatMac, macOf, type Mac } from '../../topology/model/mac.ts';
import { compareInstants, instantAt, later } from '../../topology/model/time.ts';
import { EmbeddedDatabase } from '../../topology/nsdb/embedded/embedded-database.ts';
import { tcpFrame } from '../simulation/packets.ts';

/** Senders behind the left bridge, and receivers behind the right one. */
export const SENDERS = 100;
export const RECEIVERS = 1000;

export const LEFT_GATEWAY = macOf(0x0200, 0x0a01_0001);
const UPLINK_MAC = macOf(0x0200, 0x0a03_0001);
/** Addresses that senders have; prime to the number of receivers, so that pairs of the two recur late. */
const SOURCES = 59_999;
const FIRST_RECEIVER = 0x0a02_0100;

function senderMac(n: number): Mac {
  return macOf(0x0200, 0x0100_0000 + n);
}

export function receiverMac(n: number): Mac {
  return macOf(0x0200, 0x0200_0000 + n);
}

export function receiverAddress(n: number): Ipv4 {
  return ipv4Of(FIRST_RECEIVER + n);
}

/** Two bridges, a router between them, an uplink; all receivers resolved; two equal ways to 10.9.0.0/16. */
export function topologyText(): string {
  const receivers = Array.from({ length: RECEIVERS }, (_, n) => n);
  const arp = receivers.map((n) => `      ${formatIpv4(receiverAddress(n))}: ${formatMac(receiverMac(n))}`);
  const macs = receivers.map((n) => `      ${formatMac(receiverMac(n))}: out`);
  return [
    'name: bench',
    'bridges:',
    '  left: { ports: { in: } }',
    '  right:',
    '    ports: { out: }',
    '    arp:',
    ...arp,
    '    macs:',
    ...macs,
    'routers:',
    '  core:',
    '    ports:',
    `      to-left: { address: 10.1.0.1/16, link: left, mac: '${formatMac(LEFT_GATEWAY)}' }`,
    '      to-right: { address: 10.2.0.1/16, link: right }',
    `      uplink: { address: 10.3.0.1/16, mac: '${formatMac(UPLINK_MAC)}' }`,
    '    routes:',
    ...[0, 1].map((n) => `      - { to: 10.9.0.0/16, via: ${formatIpv4(receiverAddress(n))} }`),
    '',
  ].join('\n');
}

/** Hears nothing, but of what went wrong. */
export const NOBODY: AgentListener = {
  frameOut() {},
  decided() {},
  generated() {},
  generatedEnded() {},
  limited() {},
  traced() {},
  faulted(actor, topic, cause) {
    throw new Error(`${actor} failed at "${topic}"`, { cause });
  },
};

/** An agent with its embedded database and its clock, in the network of the benchmarks. */
export interface BenchNetwork {
  readonly agent: Agent;
  readonly time: VirtualTime;
  /** Exterior ports: of the left bridge, of the right bridge, of the router. */
  readonly ports: { readonly left: PortId; readonly right: PortId; readonly uplink: PortId };
}

/** Sets the network up; whoever opened it closes its agent. */
export async function openNetwork(
  listener: Partial<AgentListener> = {},
  options: Pick<AgentOptions, 'flowCapacity' | 'hasFlows'> = {},
): Promise<BenchNetwork> {
  const loaded = loadTopology(topologyText(), { path: 'bench.yaml' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  const { names } = loaded.topology;
  const time = new VirtualTime();
  const database = new EmbeddedDatabase(time);
  const nsdb = database.open('agent');
  await applyTopology(nsdb, loaded.topology);
  for (const [name, id] of names.hosts) new HostPresence(id, database.open(name)).open();
  const agent = new Agent({ nsdb, time, listener: { ...NOBODY, ...listener }, ...options });
  await agent.open();
  await agent.settled();
  const portOf = (name: string): PortId => {
    const id = names.ports.get(name);
    if (id === undefined) throw new Error(`no port ${name}`);
    return agent.portOf(id);
  };
  return { agent, time, ports: { left: portOf('left:in'), right: portOf('right:out'), uplink: portOf('core:uplink') } };
}

/** A frame to be routed: of the n-th conversation, entering on the left or by the uplink. */
export function routedFrame(n: number, given: { readonly from: 'left' | 'uplink'; readonly to: Ipv4 }): Uint8Array {
  const isLeft = given.from === 'left';
  return tcpFrame({
    ethSrc: senderMac(n % SENDERS),
    ethDst: isLeft ? LEFT_GATEWAY : UPLINK_MAC,
    src: ipv4Of((isLeft ? 0x0a01_0100 : 0x0a03_0100) + (n % SOURCES)),
    dst: given.to,
    payload: new Uint8Array(74),
  });
}

/** Moves the clock on and lets run what was due meanwhile. */
export function passTime(time: VirtualTime, millis: number): void {
  const end = instantAt(later(time.now(), millis));
  while (time.next !== undefined && compareInstants(time.next, end) <= 0) time.runNext();
  time.advanceTo(end);
}
