/* oxlint-disable eslint/no-await-in-loop -- a story tells one thing after the other */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { idOfPath } from '../../../topology/file/named-ids.ts';
import { ANN, arpFrame, BOB, icmpEcho, ip, mac, udpFrame } from '../../simulation/packets.ts';
import { Network, tagsOf } from '../network.ts';

const CAT = mac`02:00:00:00:00:0c`;
const ROUTER = mac`02:00:00:00:00:01`;
const BRIDGE = 'bridges: { b: { ports: { p1: , p2: , p3: } }, idle: { ports: { p1: } } }';
const ROUTED = `
bridges: { b: { ports: { p1: , p2: } } }
routers:
  r:
    ports:
      to-b: { address: 10.0.1.1/24, link: b, mac: 02:00:00:00:00:01 }
      up: { address: 10.0.2.1/24, mac: 02:00:00:00:00:02 }
`;
const between = { src: ip`10.0.0.1`, dst: ip`10.0.0.2` };
const annToBob = udpFrame(between);
const bobToAnn = udpFrame({ src: between.dst, dst: between.src, ethSrc: BOB, ethDst: ANN });
const outward = udpFrame({ src: ip`10.0.1.10`, dst: ip`10.0.2.20`, ethDst: ROUTER });
const STATIONS = [{ port: 'r:up', mac: CAT, addresses: [ip`10.0.2.20`] }];

/** Two stations that know of each other, and the flow between them. */
async function acquainted(text = BRIDGE): Promise<Network> {
  const network = await Network.of(text, { traced: true });
  await network.send('b:p1', annToBob);
  await network.send('b:p2', bobToAnn);
  await network.send('b:p1', annToBob);
  return network;
}

describe('the topology feed', () => {
  it('starts the devices that a packet meets, and no others', async () => {
    const network = await Network.of(BRIDGE);
    equal(network.watches, 0);
    await network.send('b:p1', annToBob);
    equal(network.agent.directory.kindOf(network.agent.portOf(network.id('b:p1'))), 'port');
    equal(network.agent.directory.kindOf(network.agent.portOf(network.id('idle:p1'))), undefined);
    await network.close();
  });

  it('lets a device go when nobody has used it for five minutes, and its watches with it', async () => {
    for (const [text, port, frame] of [
      [BRIDGE, 'b:p1', annToBob],
      [ROUTED, 'b:p1', outward],
      [ROUTED, 'r:up', udpFrame({ ...between, ethDst: mac`02:00:00:00:00:02` })],
    ] as const) {
      const network = await Network.of(text);
      await network.send(port, frame);
      ok(network.watches > 0);
      await network.advance(290_000);
      ok(network.watches > 0);
      await network.advance(1_200_000);
      equal(network.watches, 0);
      equal(network.agent.actors, 2, 'the workflow and the feed are all that is left on the stage');
      const again = await network.send(port, frame);
      ok(again.end !== undefined || network.agent.pending > 0);
      await network.close();
    }
  });

  it('keeps a device that packets use though none of them leaves a flow', async () => {
    const network = await Network.of(ROUTED);
    const ask = arpFrame({ senderIp: ip`10.0.2.9`, targetIp: ip`10.0.2.1` });
    const ping = icmpEcho({ src: ip`10.0.2.9`, dst: ip`10.0.2.1`, ethDst: mac`02:00:00:00:00:02` });
    const identifications: (number | undefined)[] = [];
    for (let n = 0; n < 12; n++) {
      await network.send('r:up', ask);
      await network.send('r:up', ping);
      identifications.push(network.out.at(-1)?.bytes[19]);
      await network.advance(60_000);
    }
    deepEqual(identifications, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    await network.close();
  });

  it('keeps a device while a flow rests on a port of it, be it on the port alone', async () => {
    const network = await Network.of('bridges: { b: { ports: { p1: { up: false } , p2: } } }');
    await network.send('b:p1', annToBob);
    await network.advance(290_000);
    equal((await network.send('b:p1', annToBob)).end, 'dropped port-down');
    await network.advance(20_000);
    await network.update('Port', 'b:p1', { adminStateUp: true });
    equal((await network.send('b:p1', annToBob)).end, 'forwarded');
    await network.close();
  });

  it('C38: invalidates nothing when an object changes without changing what its device does', async () => {
    const network = await acquainted();
    const flows = network.agent.flows.size;
    await network.update('Port', 'b:p1', { name: 'first' });
    await network.update('Network', 'b', { name: 'hub' });
    equal(network.agent.flows.size, flows);
    await network.close();
  });

  it('C38: a port added kills no flow that it does not concern', async () => {
    const network = await acquainted();
    const unicast = network.flowsOf('b:p2');
    const flooded = await network.send('b:p1', udpFrame({ ...between, ethDst: CAT }));
    deepEqual(flooded.to, ['b:p2', 'b:p3']);
    const before = network.agent.flows.size;
    const host = network.topology.names.hosts.get('local');
    ok(host);
    await network.create('Port', idOfPath(['new']), {
      name: 'p4',
      networkId: network.id('b'),
      hostId: host,
      interfaceName: 'p4',
    });
    equal(network.agent.flows.size, before - 1); // the flood
    ok(unicast > 0 && network.flowsOf('b:p2') > 0);
    equal(network.out.length > 0, true);
    network.out.length = 0;
    await network.send('b:p1', udpFrame({ ...between, ethDst: CAT }));
    equal(network.out.length, 3);
    await network.close();
  });

  it('C6: a drop dies with its cause: a port that comes up takes effect at once', async () => {
    const network = await Network.of(BRIDGE.replace('p2: ,', 'p2: { up: false },'), { traced: true });
    await network.send('b:p3', udpFrame({ ...between, ethSrc: CAT, ethDst: ANN }));
    const dropped = await network.send('b:p2', bobToAnn);
    equal(dropped.end, 'dropped port-down');
    ok(tagsOf(dropped).includes('Device(b:p2)'), tagsOf(dropped).join());
    await network.update('Port', 'b:p2', { adminStateUp: true });
    equal((await network.send('b:p2', bobToAnn)).end, 'forwarded');
    await network.close();
  });

  it('C8: a route added or removed takes effect at once, and no other flow of the router falls', async () => {
    const network = await Network.of(ROUTED, { stations: STATIONS, traced: true });
    const { packet } = await network.send('b:p1', outward);
    await network.advance(10);
    ok(tagsOf(network.fateOf(packet)).some((tag) => tag.startsWith('Route(r, ')));
    equal((await network.send('b:p1', outward)).end, 'forwarded');
    const before = network.agent.flows.size;
    const fields = { routerId: network.id('r'), srcSubnet: '0.0.0.0/0', weight: 1 };
    const elsewhere = idOfPath(['elsewhere']);
    await network.create('Route', elsewhere, { ...fields, dstSubnet: '10.8.0.0/16', nextHop: 'REJECT' });
    equal(network.agent.flows.size, before);
    const hole = idOfPath(['hole']);
    await network.create('Route', hole, { ...fields, dstSubnet: '10.2.0.0/16', nextHop: 'BLACKHOLE' });
    equal(network.agent.flows.size, before);
    const exact = idOfPath(['exact']);
    await network.create('Route', exact, { ...fields, dstSubnet: '10.0.2.20/32', nextHop: 'BLACKHOLE' });
    const holed = await network.send('b:p1', outward);
    equal(holed.end, 'dropped blackhole-route');
    await network.delete('Route', exact);
    equal((await network.send('b:p1', outward)).end, 'forwarded');
    await network.close();
  });

  it('ends a device that is deleted, and the flows that rest on it', async () => {
    const network = await acquainted();
    const { actors } = network.agent;
    await network.delete('Network', network.id('b'));
    equal(network.agent.flows.size, 0);
    equal(network.watches, 0);
    ok(network.agent.actors < actors && network.agent.actors === 2);
    equal((await network.send('b:p1', annToBob)).end, 'gave-up no-such-device');
    await network.close();
  });

  it('ends the actor of a port that is deleted: its frames are given up by name', async () => {
    const network = await acquainted();
    await network.delete('Port', network.id('b:p2'));
    equal((await network.send('b:p2', bobToAnn)).end, 'gave-up no-such-device');
    const sent = await network.send('b:p1', annToBob);
    deepEqual(sent.to, []);
    await network.close();
  });

  it('drops at an unplugged port by name', async () => {
    const network = await Network.of(
      'bridges: { b: { macs: { 02:00:00:00:00:0b: p2 }, ports: { p1: , p2: { bind: none } } } }',
    );
    equal((await network.send('b:p1', annToBob)).end, 'dropped port-unplugged');
    await network.close();
  });

  it('lets malformed records hurt themselves only', async () => {
    const network = await acquainted();
    const odd = { networkId: network.id('b'), peerId: 'nonsense', hostId: 7, interfaceName: [], portMac: {}, mtu: 'x' };
    await network.create('Port', idOfPath(['odd']), odd).catch(() => {});
    await network.update('Port', 'b:p3', { portSubnet: 'none', portAddress: 12 }).catch(() => {});
    await network.update('Network', 'b', { adminStateUp: 'perhaps' }).catch(() => {});
    deepEqual((await network.send('b:p1', annToBob)).to, ['b:p2']);
    await network.close();
  });

  it('takes a change in that arrives while an actor starts', async () => {
    const network = await Network.of(BRIDGE);
    const [packet] = network.post('b:p1', annToBob);
    const id = network.id('b:p2');
    await network.nsdb.transact((transaction) =>
      transaction.update('Port', id, (fields) => ({ ...fields, adminStateUp: false })),
    );
    await network.settled();
    deepEqual(network.fateOf(packet).end, 'forwarded');
    network.out.length = 0;
    const next = await network.send('b:p1', annToBob);
    deepEqual(next.to, ['b:p3']);
    await network.close();
  });

  it('lets a port go that is deleted while its actor starts', async () => {
    const network = await Network.of(BRIDGE);
    const [packet] = network.post('b:p1', annToBob);
    await network.nsdb.transact((transaction) => transaction.delete('Port', network.id('b:p1')));
    await network.settled();
    ok(network.fateOf(packet).end !== undefined);
    equal((await network.send('b:p1', annToBob)).end, 'gave-up no-such-device');
    await network.close();
  });

  it('serves a thousand bridges', async () => {
    const names = Array.from({ length: 1000 }, (_, n) => `b${n}`);
    const network = await Network.of(
      `bridges: { ${names.map((name) => `${name}: { ports: { p1: , p2: } }`).join(', ')} }`,
    );
    for (const name of names) network.post(`${name}:p1`, annToBob);
    await network.settled();
    equal(network.out.length, 1000);
    ok(network.agent.actors >= 3000);
    await network.advance(400_000);
    equal(network.watches, 0);
    equal(network.agent.actors, 2);
    await network.close();
  }).timeout(20_000);
});
