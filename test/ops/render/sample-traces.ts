import type { FieldValue, PacketTrace, TraceFlow, TraceHop, TraceStep } from '../../../datapath/trace/packet-trace.ts';
import { parseUuid, type Uuid } from '../../../topology/model/ids.ts';

/** Stories as an engine would tell them: two segments, `web` and `db`, behind the router `edge`, which has an uplink. */

const ann = '02:00:00:00:01:0a';
const bob = '02:00:00:00:02:14';
const edgeWeb = '02:00:00:00:01:01';
const edgeDb = '02:00:00:00:02:01';

const IDS = new Map<string, Uuid>();

/** A version-5 id of sorts: told apart by its last digits. */
function idOf(name: string): Uuid {
  const known = IDS.get(name);
  if (known !== undefined) return known;
  const id = parseUuid(`6fa459ea-ee8a-5ca4-894e-${(IDS.size + 1).toString(16).padStart(12, '0')}`) as Uuid;
  IDS.set(name, id);
  return id;
}

type Told = Partial<TraceHop> & Pick<TraceHop, 'device' | 'kind' | 'point' | 'because' | 'verdict'>;

/** A trace whose way follows from its hops. */
type Story = Omit<PacketTrace, 'way' | 'flow'> & { readonly flow: Omit<TraceFlow, 'path'> | undefined };

function endOf({ kind, reason }: TraceHop['verdict']): TraceStep['end'] {
  if (kind === 'emit' || kind === 'suspend') return { kind, reason: undefined };
  return kind === 'drop' || kind === 'consumed' ? { kind, reason } : undefined;
}

/** @param hops of a packet that met the same, where a flow answered this one */
function traceOf(story: Story, hops = story.hops): PacketTrace {
  const way = hops.map(({ parent, device, id, kind, because, decider, verdict }): TraceStep => {
    const by = decider === undefined ? undefined : because;
    return { parent, device, id, kind, by, end: endOf(verdict) };
  });
  return { ...story, way, flow: story.flow && { ...story.flow, path: way } };
}

/** Hops one behind the other, unless they say otherwise. */
function hopsOf(...told: readonly Told[]): TraceHop[] {
  return told.map((hop, n) => hopOf(hop, n));
}

function hopOf(hop: Told, n: number): TraceHop {
  const parent = n === 0 ? undefined : n - 1;
  return { hop: n, parent, id: idOf(hop.device), saw: [], decider: undefined, rewrote: [], tags: [], ...hop };
}

function to(kind: TraceHop['verdict']['kind'], ...names: readonly string[]): TraceHop['verdict'] {
  return { kind, to: names, reason: undefined };
}

function ending(kind: 'consumed' | 'drop' | 'suspend', reason: string): TraceHop['verdict'] {
  return { kind, to: [], reason };
}

function entering(port: string, device: string): Told {
  return {
    device: port,
    kind: 'port',
    point: 'ingress',
    because: 'up',
    verdict: to('deliver', device),
    saw: [{ field: 'in_port', value: port }],
    tags: [`Port(${port})`],
  };
}

function crossing(port: string, peer: string): Told {
  return {
    device: port,
    kind: 'port',
    point: 'egress',
    because: `linked to ${peer}`,
    verdict: to('cross', peer),
    tags: [`Port(${port})`],
  };
}

function leaving(port: string): Told {
  return {
    device: port,
    kind: 'port',
    point: 'egress',
    because: 'exterior port',
    verdict: to('emit'),
    tags: [`Port(${port})`],
  };
}

function fields(text: string): FieldValue[] {
  return text.split(' ').map((part) => {
    const at = part.indexOf('=');
    return { field: part.slice(0, at), value: part.slice(at + 1) };
  });
}

const SYN = synFrom(edgeWeb, ann, '4006', '63b3');
const ROUTED_SYN = synFrom(bob, edgeDb, '3f06', '64b3');

/** 10.0.1.10:4000 to 10.0.2.20:80 with these addresses, TTL and protocol, and header checksum. */
function synFrom(target: string, source: string, ttlAndProtocol: string, checksum: string): string {
  const ethernet = `${target}${source}0800`.replaceAll(':', '');
  const ip = `450000280000 0000${ttlAndProtocol}${checksum}0a00010a0a000214`.replace(' ', '');
  return `${ethernet}${ip}0fa000500000000000000000 5002200068d50000`.replace(' ', '');
}

const SYN_KEY = fields(
  `in_port=web:web-1 eth.dst=${edgeWeb} eth.src=${ann} eth.type=0x0800 vlan=none ip.proto=6 ip.src=10.0.1.10 ` +
    'ip.dst=10.0.2.20 ip.ttl=64 ip.dsfield=0x00 ip.frag=none tcp.srcport=4000 tcp.dstport=80 tcp.flags=0x0002',
);

const ROUTED_FLOW: Omit<TraceFlow, 'path'> = {
  key: SYN_KEY,
  match: fields(
    `in_port=web:web-1 eth.dst=${edgeWeb} eth.src=${ann} eth.type=0x0800 vlan=none ip.sound=yes ip.frag=none ` +
      'ip.src=10.0.1.10 ip.dst=10.0.2.20 ip.ttl=64',
  ),
  actions: [`set(eth.dst=${bob})`, `set(eth.src=${edgeDb})`, 'set(ip.ttl=63)', 'output(db:db-1)'],
  tags: [
    'Port(web:web-1)',
    'Bridge(web)',
    `VlanPort(web, ${ann}, web:web-1)`,
    'Router(edge)',
    'Route(edge, 10.0.2.0/24)',
    'DestIp(edge, 10.0.2.20)',
    'ArpEntry(edge, 10.0.2.20)',
    'Bridge(db)',
    `VlanPort(db, ${bob}, db:db-1)`,
  ],
  lifetimeSeconds: 60,
  mtu: 1500,
  state: 'would-install',
  because: undefined,
};

const BASE: Omit<Story, 'summary' | 'port' | 'hops' | 'disposition'> = {
  version: 1,
  packet: 1,
  at: '0.000000000',
  origin: { kind: 'what-if', text: 'tcp 10.0.1.10:4000 > 10.0.2.20:80' },
  frame: SYN,
  wireLength: 54,
  hit: false,
  suspended: [],
  outputs: [],
  flow: undefined,
  generated: [],
};

function onward(text: string): { readonly field: string; readonly from: string; readonly to: string }[] {
  return text.split(' ').map((part) => {
    const [field = '', from = '', until = ''] = part.split(/=|>/);
    return { field, from, to: until };
  });
}

const ROUTED: Story = {
  ...BASE,
  port: 'web:web-1',
  summary: '10.0.1.10:4000 > 10.0.2.20:80 TCP SYN',
  hops: hopsOf(
    entering('web:web-1', 'web'),
    {
      device: 'web',
      kind: 'bridge',
      point: 'device',
      because: `interior port of ${edgeWeb}`,
      verdict: to('forward', 'web:edge'),
      saw: fields(`eth.src=${ann} vlan=none eth.dst=${edgeWeb}`),
      tags: ['Bridge(web)', `VlanPort(web, ${ann}, web:web-1)`, 'BridgePort(web, web:edge)'],
    },
    crossing('web:edge', 'edge:web'),
    entering('edge:web', 'edge'),
    {
      device: 'edge',
      kind: 'router',
      point: 'device',
      because: 'route 10.0.2.0/24 to edge:db',
      decider: idOf('route 10.0.2.0/24'),
      verdict: to('forward', 'edge:db'),
      saw: fields('eth.type=0x0800 ip.sound=yes ip.frag=none ip.dst=10.0.2.20 ip.src=10.0.1.10 ip.ttl=64'),
      rewrote: [
        { field: 'ip.ttl', from: '64', to: '63' },
        { field: 'eth.src', from: ann, to: edgeDb },
        { field: 'eth.dst', from: edgeWeb, to: bob },
      ],
      tags: ['Router(edge)', 'Route(edge, 10.0.2.0/24)', 'DestIp(edge, 10.0.2.20)', 'ArpEntry(edge, 10.0.2.20)'],
    },
    crossing('edge:db', 'db:edge'),
    entering('db:edge', 'db'),
    {
      device: 'db',
      kind: 'bridge',
      point: 'device',
      because: `${bob} was heard at db:db-1`,
      verdict: to('forward', 'db:db-1'),
      tags: ['Bridge(db)', `VlanPort(db, ${bob}, db:db-1)`],
    },
    leaving('db:db-1'),
  ),
  disposition: { kind: 'forwarded', reason: undefined },
  outputs: [
    {
      port: 'db:db-1',
      rewrites: [`eth.dst=${bob}`, `eth.src=${edgeDb}`, 'ip.ttl=63'],
      summary: '10.0.1.10:4000 > 10.0.2.20:80 TCP SYN',
      frame: ROUTED_SYN,
    },
  ],
  flow: ROUTED_FLOW,
};

const WHO_HAS =
  'ffffffffffff02000000010a0806000108000604000102000000010a0a00010a0000000000000a00014d000000000000000000000000000000000000';

const FLOODED: Story = {
  ...BASE,
  packet: 12,
  at: '1.250000000',
  origin: { kind: 'capture', file: 'web-1.pcap', frame: 7 },
  port: 'web:web-1',
  summary: 'ARP who-has 10.0.1.77 tell 10.0.1.10',
  frame: WHO_HAS,
  wireLength: 60,
  hops: hopsOf(
    entering('web:web-1', 'web'),
    {
      device: 'web',
      kind: 'bridge',
      point: 'device',
      because: 'destination is a group',
      verdict: to('flood', 'web:web-2', 'web:web-3', 'web:edge'),
      saw: fields(
        `eth.src=${ann} vlan=none eth.dst=ff:ff:ff:ff:ff:ff eth.type=0x0806 arp.opcode=1 arp.dst.proto_ipv4=10.0.1.77`,
      ),
      tags: ['Bridge(web)', 'Flood(web)', `VlanPort(web, ${ann}, web:web-1)`, 'ArpAnswer(web, 10.0.1.77)'],
    },
    { ...leaving('web:web-2'), parent: 1 },
    {
      ...leaving('web:web-3'),
      parent: 1,
      because: 'admin state of web:web-3 is down',
      verdict: ending('drop', 'port-down'),
    },
    { ...crossing('web:edge', 'edge:web'), parent: 1 },
    { ...entering('edge:web', 'edge'), parent: 4 },
    {
      device: 'edge',
      kind: 'router',
      point: 'device',
      parent: 5,
      because: '10.0.1.77 is not an address of edge:web',
      verdict: ending('drop', 'arp-ignored'),
      tags: ['Router(edge)'],
    },
  ),
  disposition: { kind: 'forwarded', reason: undefined },
  outputs: [{ port: 'web:web-2', rewrites: [], summary: 'ARP who-has 10.0.1.77 tell 10.0.1.10', frame: WHO_HAS }],
  flow: {
    key: fields(`in_port=web:web-1 eth.dst=ff:ff:ff:ff:ff:ff eth.src=${ann} eth.type=0x0806 vlan=none arp.opcode=1`),
    match: fields(
      `in_port=web:web-1 eth.dst=ff:ff:ff:ff:ff:ff eth.src=${ann} eth.type=0x0806 vlan=none arp.opcode=1 arp.dst.proto_ipv4=10.0.1.77`,
    ),
    actions: ['output(web:web-2)'],
    tags: ['Port(web:web-1)', 'Bridge(web)', 'Flood(web)', `VlanPort(web, ${ann}, web:web-1)`],
    lifetimeSeconds: 60,
    mtu: undefined,
    state: 'installed',
    because: undefined,
  },
};

const TIME_EXCEEDED: Story = {
  ...BASE,
  packet: 31,
  at: '2.000001000',
  origin: { kind: 'capture', file: 'web-1.pcap', frame: 19 },
  port: 'web:web-1',
  summary: '10.0.1.10:33434 > 10.0.2.20:33435 UDP 32',
  wireLength: 74,
  hops: hopsOf(
    entering('web:web-1', 'web'),
    {
      device: 'web',
      kind: 'bridge',
      point: 'device',
      because: `interior port of ${edgeWeb}`,
      verdict: to('forward', 'web:edge'),
      saw: fields(`eth.src=${ann} vlan=none eth.dst=${edgeWeb}`),
      tags: ['Bridge(web)'],
    },
    crossing('web:edge', 'edge:web'),
    entering('edge:web', 'edge'),
    {
      device: 'edge',
      kind: 'router',
      point: 'device',
      because: 'ip.ttl is 1: not to be passed on',
      verdict: ending('drop', 'ttl-expired'),
      saw: fields('eth.type=0x0800 ip.sound=yes ip.frag=none ip.dst=10.0.2.20 ip.src=10.0.1.10 ip.ttl=1'),
      tags: ['Router(edge)', 'Route(edge, 10.0.2.0/24)', 'DestIp(edge, 10.0.2.20)'],
    },
  ),
  disposition: { kind: 'dropped', reason: 'ttl-expired' },
  generated: [
    {
      packet: 32,
      cause: 'icmp-error',
      egress: 'edge:web',
      summary: '10.0.1.1 > 10.0.1.10 ICMP time exceeded in transit',
      frame: '02000000010a0200000001010800',
    },
  ],
  flow: {
    key: fields(`in_port=web:web-1 eth.dst=${edgeWeb} eth.src=${ann} eth.type=0x0800 ip.ttl=1`),
    match: fields(`in_port=web:web-1 eth.dst=${edgeWeb} eth.src=${ann} eth.type=0x0800 ip.ttl=1`),
    actions: [],
    tags: ['Port(web:web-1)', 'Bridge(web)', 'Router(edge)'],
    lifetimeSeconds: 5,
    mtu: undefined,
    state: 'not-installed',
    because: 'the packet was answered: each further one is too',
  },
};

const NEED = 'next hop 203.0.113.1 behind edge:uplink';
const TO_THE_WORLD = hopsOf(
  entering('web:web-1', 'web'),
  {
    device: 'web',
    kind: 'bridge',
    point: 'device',
    because: `interior port of ${edgeWeb}`,
    verdict: to('forward', 'web:edge'),
    saw: fields(`eth.src=${ann} vlan=none eth.dst=${edgeWeb}`),
    tags: ['Bridge(web)'],
  },
  crossing('web:edge', 'edge:web'),
  entering('edge:web', 'edge'),
  {
    device: 'edge',
    kind: 'router',
    point: 'device',
    because: 'route 0.0.0.0/0 via 203.0.113.1',
    decider: idOf('route 0.0.0.0/0'),
    verdict: ending('suspend', NEED),
    saw: fields('eth.type=0x0800 ip.sound=yes ip.frag=none ip.dst=192.0.2.80 ip.src=10.0.1.10 ip.ttl=64'),
    tags: ['Router(edge)', 'Route(edge, 0.0.0.0/0)', 'DestIp(edge, 192.0.2.80)', 'ArpEntry(edge, 203.0.113.1)'],
  },
);

const SUSPENDED: Story = {
  ...BASE,
  packet: 2,
  at: '0.100000000',
  origin: { kind: 'station', station: 'ann', because: 'scenario event at 0.1' },
  port: 'web:web-1',
  summary: '10.0.1.10:4001 > 192.0.2.80:443 TCP SYN',
  suspended: [{ for: 'next-hop', need: NEED, at: '0.100000000', hops: TO_THE_WORLD }],
  hops: hopsOf(
    ...TO_THE_WORLD.slice(0, 4),
    {
      device: 'edge',
      kind: 'router',
      point: 'device',
      because: 'route 0.0.0.0/0 via 203.0.113.1',
      decider: idOf('route 0.0.0.0/0'),
      verdict: to('forward', 'edge:uplink'),
      rewrote: onward('ip.ttl=64>63'),
      tags: ['ArpEntry(edge, 203.0.113.1)'],
    },
    leaving('edge:uplink'),
  ),
  disposition: { kind: 'forwarded', reason: undefined },
  outputs: [
    {
      port: 'edge:uplink',
      rewrites: ['eth.dst=02:00:00:00:03:01', 'eth.src=02:00:00:00:03:02', 'ip.ttl=63'],
      summary: '10.0.1.10:4001 > 192.0.2.80:443 TCP SYN',
      frame: ROUTED_SYN,
    },
  ],
  generated: [
    {
      packet: 3,
      cause: 'arp-request',
      egress: 'edge:uplink',
      summary: 'ARP who-has 203.0.113.1 tell 203.0.113.2',
      frame: 'ffffffffffff02000000030208060001080006040001',
    },
  ],
  flow: {
    ...ROUTED_FLOW,
    actions: [
      'set(eth.dst=02:00:00:00:03:01)',
      'set(eth.src=02:00:00:00:03:02)',
      'set(ip.ttl=63)',
      'output(edge:uplink)',
    ],
    state: 'installed',
  },
};

const HIT: Story = {
  ...ROUTED,
  packet: 9,
  at: '0.042000000',
  origin: { kind: 'capture', file: 'web-1.pcap', frame: 5 },
  summary: '10.0.1.10:4000 > 10.0.2.20:80 TCP ACK',
  hit: true,
  hops: [],
  outputs: ROUTED.outputs.map((output) => ({ ...output, summary: '10.0.1.10:4000 > 10.0.2.20:80 TCP ACK' })),
  flow: { ...ROUTED_FLOW, state: 'exists' },
};

/** A bridge of forty ports floods; two of them are down. */
const WIDE: Story = {
  ...FLOODED,
  packet: 40,
  outputs: Array.from({ length: 40 }, (_, n) => n + 1)
    .filter((n) => n !== 21 && n !== 22)
    .map((n) => ({ port: `web:rack-${n}`, rewrites: [], summary: FLOODED.summary, frame: WHO_HAS })),
  hops: hopsOf(
    ...FLOODED.hops.slice(0, 1),
    {
      device: 'web',
      kind: 'bridge',
      point: 'device',
      because: 'destination is a group',
      verdict: to('flood', ...Array.from({ length: 40 }, (_, n) => `web:rack-${n + 1}`)),
    },
    ...Array.from({ length: 40 }, (_, n) => ({
      ...leaving(`web:rack-${n + 1}`),
      parent: 1,
      ...(n === 20 || n === 21 ? { because: 'down', verdict: ending('drop', 'port-down') } : {}),
    })),
  ),
};

const TO_DB = ROUTED.hops.slice(0, 4);
const OVERSIZE = { port: 'edge:db', mtu: 600, octets: 1428 };

/** A packet too long for the router's port on its way, which may be cut. */
const FRAGMENTED: Story = {
  ...ROUTED,
  summary: '10.0.1.10:4000 > 10.0.2.20:53 UDP 1400',
  wireLength: 1442,
  hops: hopsOf(
    ...TO_DB,
    ...ROUTED.hops.slice(4, 5).map((hop) => ({ ...hop, oversize: { ...OVERSIZE, fragments: 3 } })),
    ...ROUTED.hops.slice(5),
  ),
  outputs: [0, 576, 1152].map((offset, n) => ({
    port: 'db:db-1',
    rewrites: [`eth.dst=${bob}`, `eth.src=${edgeDb}`, 'ip.ttl=63'],
    summary: `10.0.1.10 > 10.0.2.20 UDP, fragment at ${offset}${n === 2 ? ', the last' : ''}`,
    frame: `${ROUTED_SYN}0${n}`,
    fragment: n + 1,
  })),
  flow: { ...ROUTED_FLOW, state: 'not-installed', because: 'each such packet is simulated', mtu: 600 },
};

/** The same, which may not: its sender is told. */
const TOO_BIG: Story = {
  ...FRAGMENTED,
  hops: hopsOf(...TO_DB, {
    device: 'edge',
    kind: 'router',
    point: 'device',
    because: 'MTU 600 of port edge:db: 1428 octets, DF set',
    decider: idOf('edge:db'),
    verdict: ending('drop', 'too-big'),
    oversize: { ...OVERSIZE, fragments: 0 },
  }),
  disposition: { kind: 'dropped', reason: 'too-big' },
  outputs: [],
  generated: [
    {
      packet: undefined,
      cause: 'icmp-error',
      egress: 'edge:web',
      summary: '10.0.1.1 > 10.0.1.10 ICMP fragmentation needed, mtu 600',
      frame: '02000000010a0200000001010800',
    },
  ],
  flow: {
    ...ROUTED_FLOW,
    actions: [],
    lifetimeSeconds: 5,
    mtu: undefined,
    state: 'not-installed',
    because: 'each such packet is simulated',
  },
};

export const SAMPLES: ReadonlyMap<string, PacketTrace> = new Map([
  ['routed', traceOf(ROUTED)],
  ['flooded', traceOf(FLOODED)],
  ['time-exceeded', traceOf(TIME_EXCEEDED)],
  ['suspended', traceOf(SUSPENDED)],
  ['hit', traceOf(HIT, ROUTED.hops)],
  ['wide-flood', traceOf(WIDE)],
  ['fragmented', traceOf(FRAGMENTED)],
  ['too-big', traceOf(TOO_BIG)],
]);
