import { deepEqual, equal } from 'node:assert/strict';
import { Courier } from '../../actors/courier.ts';
import { Directory } from '../../actors/directory.ts';
import type { Ref } from '../../actors/mailbox.ts';
import type { DeviceProtocol, PortProtocol, WorkflowProtocol } from '../../actors/protocol.ts';
import { WaitingRoom } from '../../actors/waiting-room.ts';
import type { Journey } from '../../actors/journey.ts';
import { Packet, Simulation } from '../../simulation/packet/packet.ts';
import { drop, type Need } from '../../simulation/verdict.ts';
import { deviceIdOf, portIdOf } from '../../topology/model/ids.ts';
import { millisOf } from '../../topology/model/time.ts';
import { idOfPath } from '../../topology/file/named-ids.ts';
import { frameOf, ip, udpFrame, wordsOf } from '../simulation/packets.ts';

const [BRIDGE, P1, P2, P3] = [deviceIdOf(9), portIdOf(1), portIdOf(2), portIdOf(3)];

/** A packet that came in by the first port. */
function packet(): Packet {
  const frame = frameOf(udpFrame({ src: ip`10.0.0.1`, dst: ip`10.0.0.2` }));
  return new Packet(new Simulation(frame, wordsOf(frame, P1), millisOf(0)), P1);
}

describe('the courier', () => {
  const told: string[] = [];
  const ended: Packet[] = [];
  let courier: Courier;
  let isFull = false;
  const ref = <P>(name: string): Ref<P> => ({
    tell: (topic: string, message: unknown) => {
      if (isFull && name !== 'workflow') return false;
      told.push(`${name} ${topic}`);
      if (name === 'workflow') ended.push(message as Packet);
      return true;
    },
  });

  beforeEach(() => {
    told.length = 0;
    ended.length = 0;
    isFull = false;
    courier = new Courier();
    courier.report(ref<WorkflowProtocol>('workflow'));
    courier.deviceStarted(BRIDGE, ref<DeviceProtocol>('bridge'));
    for (const port of [P1, P2]) courier.portStarted(port, ref<PortProtocol>(`port ${port}`));
  });

  it('takes a packet on as its verdict says', () => {
    courier.carryOut(P1, 'ingress', { kind: 'deliver', to: BRIDGE }, packet());
    courier.carryOut(BRIDGE, 'device', { kind: 'forward', to: P2 }, packet());
    courier.carryOut(P2, 'egress', { kind: 'cross', to: P1 }, packet());
    courier.carryOut(BRIDGE, 'device', { kind: 'flood', to: [P1, P2] }, packet());
    courier.carryOut(P2, 'egress', { kind: 'emit', from: P2 }, packet());
    courier.carryOut(BRIDGE, 'device', drop('bridge-down'), packet());
    deepEqual(told, [
      'bridge arrived',
      'port 2 leaving',
      'port 1 entering',
      'port 1 leaving',
      'port 2 leaving',
      'workflow judged',
      'workflow judged',
    ]);
  });

  it('suspends a packet whose next device is not there, and says which it lacks', () => {
    courier.carryOut(BRIDGE, 'device', { kind: 'forward', to: P3 }, packet());
    courier.stopped(BRIDGE);
    courier.carryOut(P1, 'ingress', { kind: 'deliver', to: BRIDGE }, packet());
    deepEqual(
      ended.map(({ verdict }) => verdict),
      [P3, BRIDGE].map((device) => ({ kind: 'suspend', need: { kind: 'device', device } })),
    );
  });

  it('drops a packet by name that a full mailbox refuses', () => {
    isFull = true;
    courier.enter(P1, packet());
    courier.leave(P1, packet());
    courier.carryOut(P1, 'ingress', { kind: 'deliver', to: BRIDGE }, packet());
    deepEqual(
      ended.map(({ verdict }) => verdict),
      Array.from({ length: 3 }, () => drop('mailbox-full')),
    );
  });

  it('notes on the packet which way it went, and what decided', () => {
    const one = packet();
    one.because = { number: 7, describe: () => 'a route' };
    courier.carryOut(BRIDGE, 'device', { kind: 'forward', to: P2 }, one);
    courier.carryOut(P2, 'egress', { kind: 'emit', from: P2 }, one);
    deepEqual(one.path, [BRIDGE, 7, P2, 0]);
  });
});

describe('the waiting room', () => {
  const journeys = Array.from({ length: 5000 }, (_, n) => ({ packet: n }) as Journey);
  const hop = (n: number): Need => ({
    kind: 'next-hop',
    router: BRIDGE,
    port: P1,
    address: (ip`10.0.0.0` + n) as never,
  });
  const device: Need = { kind: 'device', device: BRIDGE };

  it('has sixteen wait for one next hop: the oldest goes for the newcomer', () => {
    const room = new WaitingRoom();
    const gone = journeys.slice(0, 20).flatMap((journey) => room.park(journey, hop(1)) ?? []);
    deepEqual([gone, room.size], [journeys.slice(0, 4), 16]);
    deepEqual(room.release(hop(1)), journeys.slice(4, 20));
    deepEqual([room.size, room.release(hop(1))], [0, []]);
  });

  it('is full at 4096 in all: then it is the newcomer that goes', () => {
    const room = new WaitingRoom();
    const gone = journeys.flatMap((journey) => room.park(journey, device) ?? []);
    deepEqual([gone, room.size], [journeys.slice(4096), 4096]);
  });

  it('lets one leave, once', () => {
    const room = new WaitingRoom();
    const [one, other] = journeys;
    if (one === undefined || other === undefined) throw new Error('two were expected');
    for (const journey of [one, other]) room.park(journey, device);
    deepEqual([room.leave(one, device), room.leave(one, device), room.leave(other, hop(1))], [true, false, false]);
    deepEqual([room.size, room.release(device)], [1, [other]]);
  });
});

describe('the directory', () => {
  it('gives each object one number, from 1 on, and knows what it is called', () => {
    const directory = new Directory();
    const [a, b] = [idOfPath(['a']), idOfPath(['b'])];
    deepEqual([directory.deviceOf(a), directory.portOf(b), directory.portOf(a)], [1, 2, 1]);
    deepEqual([directory.nameOf(1), directory.kindOf(1), directory.uuidOf(2)], [a, undefined, b]);
    directory.call(a, 'web', 'bridge');
    deepEqual([directory.nameOf(1), directory.kindOf(1)], ['web', 'bridge']);
    equal(directory.nameOf(99), 'number 99');
    equal(directory.uuidOf(0), undefined);
  });
});
