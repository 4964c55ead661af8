import * as fc from 'fast-check';
import { idOfPath } from '../../topology/file/named-ids.ts';
import type { Ipv4 } from '../../topology/model/ipv4.ts';
import { BROADCAST_MAC, macOf, type Mac } from '../../topology/model/mac.ts';
import {
  arpFrame,
  ethernetFrame,
  icmpEcho,
  icmpFrame,
  ip,
  ipv4Frame,
  ipv6Frame,
  mac,
  tcpFrame,
  udpFrame,
} from '../simulation/packets.ts';
import { Network, type NetworkOptions, type Plugged } from './network.ts';

/** A small world: a network, who is in it, and what may change. */
export interface World {
  readonly topology: string;
  readonly ports: readonly string[];
  /** By name: those who send and are sent to. */
  readonly people: Readonly<Record<string, { readonly mac: Mac; readonly ip: Ipv4 }>>;
  readonly stations: readonly Plugged[];
  /** Who is likely to talk: port, sender, receiver. */
  readonly talks: readonly Pick<Sending, 'at' | 'from' | 'to'>[];
  readonly changes: Readonly<Record<string, (network: Network) => Promise<void>>>;
}

const ann = { mac: mac`02:00:00:00:00:0a`, ip: ip`10.0.1.10` };
const bob = { mac: mac`02:00:00:00:00:0b`, ip: ip`10.0.1.11` };
const cat = { mac: mac`02:00:00:00:00:0c`, ip: ip`10.0.2.12` };
const nobody = { mac: mac`02:00:00:00:00:99`, ip: ip`10.0.2.99` };
const far = { mac: mac`02:00:00:00:00:f0`, ip: ip`192.0.2.1` };
const near = { mac: mac`02:00:00:00:01:01`, ip: ip`10.0.1.1` };
const other = { mac: mac`02:00:00:00:02:01`, ip: ip`10.0.2.1` };

const up = (cls: 'Port' | 'Network' | 'Router', name: string, adminStateUp: boolean) => (network: Network) =>
  network.update(cls, name, { adminStateUp });

const withoutRoute = (dst: string) => async (network: Network) => {
  const route = network.topology.objects.find(({ class: cls, object }) => cls === 'Route' && object.dstSubnet === dst);
  if (route !== undefined) await network.delete('Route', route.object.id).catch(() => {});
};

const withRoute =
  (router: string, dstSubnet: string, fields: Readonly<Record<string, string>>) => async (network: Network) => {
    const id = idOfPath(['route', router, dstSubnet]);
    await network
      .create('Route', id, { routerId: network.id(router), srcSubnet: '0.0.0.0/0', dstSubnet, weight: 1, ...fields })
      .catch(() => {});
  };

export const WORLDS: Readonly<Record<string, World>> = {
  'one bridge': {
    topology: 'bridges: { b: { arp: { 10.0.1.11: 02:00:00:00:00:0b }, ports: { p1: , p2: , p3: { up: false } } } }',
    ports: ['b:p1', 'b:p2', 'b:p3'],
    people: { ann, bob, nobody },
    stations: [],
    talks: [
      { at: 'b:p1', from: 'ann', to: 'bob' },
      { at: 'b:p2', from: 'bob', to: 'ann' },
    ],
    changes: {
      'p3 comes up': up('Port', 'b:p3', true),
      'p2 goes down': up('Port', 'b:p2', false),
      'p2 comes up': up('Port', 'b:p2', true),
      'b goes down': up('Network', 'b', false),
      'b comes up': up('Network', 'b', true),
      'p2 loses its link': (network) => network.link('b:p2', false),
      'p2 has its link again': (network) => network.link('b:p2', true),
      'p1 is renamed': (network) => network.update('Port', 'b:p1', { name: 'first' }),
    },
  },
  'a router between two bridges': {
    topology: `
bridges: { web: { ports: { p1: , p2: } }, db: { ports: { p1: , p2: } } }
routers:
  r:
    ports:
      to-web: { address: 10.0.1.1/24, link: web, mac: 02:00:00:00:01:01 }
      to-db: { address: 10.0.2.1/24, link: db, mac: 02:00:00:00:02:01, mtu: 600 }
    routes:
      - { to: 10.9.0.0/16, action: reject }
`,
    ports: ['web:p1', 'web:p2', 'db:p1'],
    people: { ann, bob, cat, nobody, far, near },
    stations: [
      { port: 'db:p1', mac: cat.mac, addresses: [cat.ip] },
      { port: 'web:p2', mac: bob.mac, addresses: [bob.ip], delay: 1500 },
      { port: 'web:p1', mac: ann.mac, addresses: [ann.ip] },
    ],
    talks: [
      { at: 'web:p1', from: 'ann', to: 'cat' },
      { at: 'web:p1', from: 'ann', to: 'near' },
      { at: 'web:p2', from: 'bob', to: 'cat' },
      { at: 'db:p1', from: 'cat', to: 'ann' },
    ],
    changes: {
      'to-db goes down': up('Port', 'r:to-db', false),
      'to-db comes up': up('Port', 'r:to-db', true),
      'r goes down': up('Router', 'r', false),
      'r comes up': up('Router', 'r', true),
      'the route to db goes': withoutRoute('10.0.2.0/24'),
      'cat is black-holed': withRoute('r', '10.0.2.12/32', { nextHop: 'BLACKHOLE' }),
      'db:p1 loses its link': (network) => network.link('db:p1', false),
      'db:p1 has its link again': (network) => network.link('db:p1', true),
      'to-web is renamed': (network) => network.update('Port', 'r:to-web', { name: 'webwards' }),
      'to-db has another mtu': (network) => network.update('Port', 'r:to-db', { mtu: 1400 }),
    },
  },
  'a router between pairs of linked bridges': {
    topology: `
bridges:
  web:
    macs: { 02:00:00:00:00:0b: to-web2 }
    ports: { p1: , p2: { up: false }, to-web2: { link: 'web2:to-web' } }
  web2:
    macs: { 02:00:00:00:01:01: to-web, 02:00:00:00:00:0a: to-web }
    ports: { p1: , p2: , p3: , to-web: }
  db:
    arp: { 10.0.2.12: 02:00:00:00:00:0c }
    macs: { 02:00:00:00:00:0c: to-db2 }
    ports: { p1: , to-db2: { link: 'db2:to-db' } }
  db2:
    macs: { 02:00:00:00:02:01: to-db }
    ports: { p1: , p2: , p3: { up: false }, to-db: }
routers:
  r:
    ports:
      to-web: { address: 10.0.1.1/24, link: web, mac: 02:00:00:00:01:01 }
      to-db: { address: 10.0.2.1/24, link: db, mac: 02:00:00:00:02:01 }
`,
    ports: ['web:p1', 'web2:p1', 'web2:p2', 'db2:p1'],
    people: { ann, bob, cat, nobody, far, near, other },
    stations: [
      { port: 'db2:p1', mac: cat.mac, addresses: [cat.ip] },
      { port: 'web2:p2', mac: bob.mac, addresses: [bob.ip] },
    ],
    talks: [
      { at: 'web2:p1', from: 'ann', to: 'cat' },
      { at: 'web:p1', from: 'ann', to: 'bob' },
      { at: 'web2:p2', from: 'bob', to: 'cat' },
      { at: 'db2:p1', from: 'cat', to: 'ann' },
    ],
    changes: {
      'web:p2 comes up': up('Port', 'web:p2', true),
      'db2:p3 comes up': up('Port', 'db2:p3', true),
      'db2:p2 goes down': up('Port', 'db2:p2', false),
      'the link of the bridges goes down': up('Port', 'web:to-web2', false),
      'the link of the bridges comes up': up('Port', 'web:to-web2', true),
      'db2 goes down': up('Network', 'db2', false),
      'db2 comes up': up('Network', 'db2', true),
      'db2:p1 loses its link': (network) => network.link('db2:p1', false),
      'cat is black-holed': withRoute('r', '10.0.2.12/32', { nextHop: 'BLACKHOLE' }),
      'db is renamed': (network) => network.update('Network', 'db', { name: 'store' }),
    },
  },
  'two routers and an uplink': {
    topology: `
bridges: { web: { ports: { p1: , p2: } } }
routers:
  r:
    ports:
      to-web: { address: 10.0.1.1/24, link: web, mac: 02:00:00:00:01:01 }
      to-s: { address: 10.0.3.1/30, mac: 02:00:00:00:03:01, link: s:to-r }
    routes:
      - { to: 0.0.0.0/0, via: 10.0.3.2, port: to-s }
  s:
    ports:
      to-r: { address: 10.0.3.2/30, mac: 02:00:00:00:03:02 }
      uplink: { address: 10.0.2.1/24, mac: 02:00:00:00:02:01 }
      second: { address: 10.0.4.1/24, mac: 02:00:00:00:04:01 }
    routes:
      - { to: 10.0.1.0/24, via: 10.0.3.1, port: to-r }
      - { to: 192.0.2.0/24, via: 10.0.2.12, port: uplink }
      - { to: 192.0.2.0/24, via: 10.0.4.12, port: second }
`,
    ports: ['web:p1', 'web:p2', 's:uplink'],
    people: { ann, bob, cat, nobody, far, near, other },
    stations: [
      { port: 's:uplink', mac: cat.mac, addresses: [cat.ip] },
      { port: 's:second', mac: cat.mac, addresses: [ip`10.0.4.12`] },
      { port: 'web:p1', mac: ann.mac, addresses: [ann.ip] },
    ],
    talks: [
      { at: 'web:p1', from: 'ann', to: 'cat' },
      { at: 'web:p1', from: 'ann', to: 'far' },
      { at: 'web:p2', from: 'bob', to: 'far' },
      { at: 's:uplink', from: 'cat', to: 'ann' },
    ],
    changes: {
      's:uplink loses its link': (network) => network.link('s:uplink', false),
      's:uplink has its link again': (network) => network.link('s:uplink', true),
      'to-s goes down': up('Port', 'r:to-s', false),
      'to-s comes up': up('Port', 'r:to-s', true),
      'the default route goes': withoutRoute('0.0.0.0/0'),
      'bob is black-holed': withRoute('s', '10.0.1.11/32', { nextHop: 'BLACKHOLE' }),
    },
  },
};

/** What may be sent, by its name; `w` tells one of a kind from the other. */
const FRAMES = {
  udp: ({ ends, ttl, tags, w }: Draft) =>
    udpFrame({ ...ends, ttl, tags, srcPort: 1000 + w, payload: new Uint8Array(w) }),
  'udp without a checksum': ({ ends, ttl, tags }: Draft) => udpFrame({ ...ends, ttl, tags, checksum: false }),
  tcp: ({ ends, ttl, tags, w }: Draft) => tcpFrame({ ...ends, ttl, tags, dstPort: 80 + w }),
  ping: ({ ends, ttl, tags, w }: Draft) => icmpEcho({ ...ends, ttl, tags, seq: w }),
  'icmp error': ({ ends, ttl, tags }: Draft) => icmpFrame({ ...ends, ttl, tags, type: 3, code: 1 }),
  'first fragment': ({ ends, ttl, tags, w }: Draft) =>
    ipv4Frame(17, new Uint8Array(16).fill(w), { ...ends, ttl, tags, moreFragments: true }),
  'later fragment': ({ ends, ttl, tags, w }: Draft) =>
    ipv4Frame(17, new Uint8Array(16).fill(w), { ...ends, ttl, tags, fragmentOffset: 16 }),
  'big udp': ({ ends, ttl, tags }: Draft) => udpFrame({ ...ends, ttl, tags, payload: new Uint8Array(700) }),
  'big udp, not to be cut': ({ ends, ttl, tags }: Draft) =>
    udpFrame({ ...ends, ttl, tags, dontFragment: true, payload: new Uint8Array(700) }),
  'ip with options': ({ ends, ttl, tags, w }: Draft) =>
    udpFrame({ ...ends, ttl, tags, options: Uint8Array.of(0x44, 4, 5, w) }),
  'bad ip checksum': ({ ends, ttl, tags }: Draft) => {
    const bytes = udpFrame({ ...ends, ttl, tags });
    bytes[14 + 4 * tags.length + 10] = (bytes[14 + 4 * tags.length + 10] ?? 0) ^ 1;
    return bytes;
  },
  'arp request': ({ ends: { ethSrc, src, dst }, tags }: Draft) =>
    arpFrame({ ethSrc, senderIp: src, targetIp: dst, tags }),
  'arp probe': ({ ends: { ethSrc, dst } }: Draft) => arpFrame({ ethSrc, senderIp: ip`0.0.0.0`, targetIp: dst }),
  'gratuitous arp': ({ ends: { ethSrc, src } }: Draft) => arpFrame({ ethSrc, senderIp: src, targetIp: src }),
  'arp reply': ({ ends: { ethSrc, ethDst, src, dst } }: Draft) =>
    arpFrame({ operation: 2, ethSrc, ethDst, senderIp: src, targetMac: ethDst, targetIp: dst }),
  'cut udp': ({ ends, tags }: Draft) => udpFrame({ ...ends, tags }).subarray(0, 36 + 4 * tags.length),
  'cut ip': ({ ends, tags }: Draft) => udpFrame({ ...ends, tags }).subarray(0, 30),
  ipv6: ({ ends: { ethSrc, ethDst } }: Draft) =>
    ipv6Frame(17, new Uint8Array(12), { ethSrc, ethDst, src: [1, 2, 3, 4], dst: [5, 6, 7, 8] }),
  'something else': ({ ends: { ethSrc, ethDst }, tags, w }: Draft) =>
    ethernetFrame(0x88b5, Uint8Array.of(w), { ethSrc, ethDst, tags }),
  '802.3': ({ ends: { ethSrc, ethDst } }: Draft) => ethernetFrame(40, new Uint8Array(40), { ethSrc, ethDst }),
};

interface Draft {
  readonly ends: { readonly ethSrc: Mac; readonly ethDst: Mac; readonly src: Ipv4; readonly dst: Ipv4 };
  readonly ttl: number;
  readonly tags: readonly number[];
  readonly w: number;
}

/** One thing that happens in a story. */
type Step =
  | Sending
  /** What was sent so many sendings ago, once more: alike in most. */
  | { readonly again: number; readonly but: Partial<Sending> }
  | { readonly wait: number }
  | { readonly change: string };

interface Sending {
  readonly send: keyof typeof FRAMES;
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly via: 'itself' | 'router' | 'everybody' | 'a group';
  readonly ttl: number;
  readonly tags: readonly number[];
  readonly w: number;
  readonly times: number;
}

/** A story: steps in one of the worlds. */
export interface Story {
  readonly world: string;
  readonly steps: readonly Step[];
}

function anyStep({ ports, people, changes, talks }: World): fc.Arbitrary<Step> {
  const anyone = fc.oneof(fc.constantFrom(...Object.keys(people)), fc.constantFrom(...Object.keys(people).slice(0, 3)));
  const anyKind = fc.oneof(
    fc.constantFrom(...(Object.keys(FRAMES) as (keyof typeof FRAMES)[])),
    fc.constantFrom('udp' as const, 'tcp' as const, 'ping' as const),
  );
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        send: anyKind,
        at: fc.constantFrom(...ports),
        from: anyone,
        to: anyone,
        via: fc.oneof(
          { weight: 6, arbitrary: fc.constant('router' as const) },
          { weight: 3, arbitrary: fc.constant('itself' as const) },
          { weight: 1, arbitrary: fc.constantFrom('everybody' as const, 'a group' as const) },
        ),
        ttl: fc.constantFrom(64, 64, 64, 2, 1),
        tags: fc.oneof(
          { weight: 8, arbitrary: fc.constant([]) },
          { weight: 1, arbitrary: fc.constantFrom([0], [5], [5, 7], [0, 5], [1, 2, 3]) },
        ),
        w: fc.constantFrom(0, 1),
        times: fc.constantFrom(1, 1, 2, 3),
      }),
    },
    {
      weight: 8,
      arbitrary: fc
        .record({
          talk: fc.constantFrom(...talks),
          send: anyKind,
          ttl: fc.constantFrom(64, 64, 64, 1),
          w: fc.constantFrom(0, 1),
        })
        .map(({ talk, ...rest }) => ({ ...rest, ...talk, via: 'router' as const, tags: [], times: 1 })),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        again: fc.nat(2),
        but: fc.oneof(
          fc.constant({}),
          fc.record({ w: fc.constantFrom(0, 1) }),
          fc.record({ ttl: fc.constantFrom(64, 2, 1) }),
          fc.record({ from: anyone }),
          fc.record({ to: anyone }),
          fc.record({ at: fc.constantFrom(...ports) }),
          fc.record({ send: anyKind }),
          fc.record({ send: anyKind }),
          fc.record({ via: fc.constantFrom('itself' as const, 'router' as const, 'everybody' as const) }),
          fc.record({ tags: fc.constantFrom([], [0], [5]) }),
        ),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ wait: fc.constantFrom(1, 10, 1000, 2500, 5000, 16_000, 59_000, 61_000, 80_000, 310_000) }),
    },
    { weight: 1, arbitrary: fc.record({ change: fc.constantFrom(...Object.keys(changes)) }) },
  );
}

/** Stories of one world. */
export function storiesOf(world: string): fc.Arbitrary<Story> {
  const it = WORLDS[world];
  if (it === undefined) throw new Error(`there is no world "${world}"`);
  return fc.array(anyStep(it), { minLength: 1, maxLength: 25 }).map((steps) => ({ world, steps }));
}

export const anyStory: fc.Arbitrary<Story> = fc.constantFrom(...Object.keys(WORLDS)).chain(storiesOf);

/** The frame of a step. */
function frameOfStep(world: World, step: Sending): Uint8Array {
  const [from, to] = [world.people[step.from], world.people[step.to]];
  if (from === undefined || to === undefined) throw new Error(`nobody is ${step.from} or ${step.to}`);
  const router = step.at.startsWith('b:') ? to.mac : step.at.startsWith('web') ? near.mac : other.mac;
  const ethDst = { itself: to.mac, router, everybody: BROADCAST_MAC, 'a group': macOf(0x0100, 0x5e00_0001) }[step.via];
  const ends = { ethSrc: from.mac, ethDst, src: from.ip, dst: to.ip };
  return FRAMES[step.send]({ ends, ttl: step.ttl, tags: step.tags, w: step.w });
}

export interface Telling extends NetworkOptions {
  /** Instead of the world's own. */
  readonly topology?: string;
  /** Called before each step. */
  readonly before?: (network: Network) => Promise<void>;
}

/** Tells a story to its end, and closes. */
export async function tell({ world: name, steps }: Story, telling: Telling = {}): Promise<Network> {
  const world = WORLDS[name];
  if (world === undefined) throw new Error(name);
  const network = await Network.of(telling.topology ?? world.topology, { stations: world.stations, ...telling });
  /* oxlint-disable eslint/no-await-in-loop -- one thing after the other is what a story is */
  try {
    const sent: Sending[] = [];
    for (const given of steps) {
      await telling.before?.(network);
      let step = given;
      if ('again' in step) {
        const before = sent[sent.length - 1 - step.again];
        if (before === undefined) continue;
        step = { ...before, ...step.but };
      }
      if ('send' in step) sent.push(step);
      if ('wait' in step) await network.advance(step.wait);
      else if ('change' in step) await world.changes[step.change]?.(network);
      else for (let n = 0; n < step.times; n++) await network.send(step.at, frameOfStep(world, step));
    }
    await network.advance(200_000);
  } finally {
    await network.close();
  }
  /* oxlint-enable eslint/no-await-in-loop */
  return network;
}

/** A frame that may be sent somewhere in a world. */
export function anyFrameOf(world: World): fc.Arbitrary<{ readonly at: string; readonly bytes: Uint8Array }> {
  return anyStep(world)
    .filter((step) => 'send' in step)
    .map((step) => ({ at: step.at, bytes: frameOfStep(world, step) }));
}
