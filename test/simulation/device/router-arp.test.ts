import { deepEqual, equal } from 'node:assert/strict';
import { readArp } from '../../../simulation/packet/arp.ts';
import { UNKEYED } from '../../../simulation/packet/fields.ts';
import { ipv4Of } from '../../../topology/model/ipv4.ts';
import { BROADCAST_MAC, ZERO_MAC } from '../../../topology/model/mac.ts';
import { frameOf, ip, mac } from '../packets.ts';
import { arpFrame, type ArpFrame } from './router-frames.ts';
import { ann, inside, PORT_MACS, RouterWorld, type Judged } from './router-world.ts';

const [REQUEST, REPLY] = [1, 2];
const own = { mac: PORT_MACS[inside] ?? ZERO_MAC, ip: ip`10.0.1.1` };

/** Ann asks everyone who has the router's address, unless told otherwise. */
function arp(rest: Partial<ArpFrame> = {}): Uint8Array {
  return arpFrame({
    operation: REQUEST,
    ethDst: BROADCAST_MAC,
    senderMac: ann.mac,
    senderIp: ann.ip,
    targetMac: ZERO_MAC,
    targetIp: own.ip,
    ...rest,
  });
}

/** Ann answers the router, unless told otherwise. */
function reply(rest: Partial<ArpFrame> = {}): Uint8Array {
  return arp({ operation: REPLY, ethDst: own.mac, targetMac: own.mac, ...rest });
}

function fateOf({ verdict }: Judged): string {
  return verdict.kind === 'drop' || verdict.kind === 'consumed' ? verdict.reason : verdict.kind;
}

describe('router, ARP', () => {
  let world: RouterWorld;
  const fate = (bytes: Uint8Array): string => fateOf(world.send(bytes));

  const isKeyed = (bytes: Uint8Array): boolean => (world.send(bytes).packet.simulation.seen & UNKEYED) === 0;

  beforeEach(() => {
    world = new RouterWorld();
  });

  it('C21: answers a request for its port’s address from what the request says, and learns the sender behind', () => {
    const { verdict, generated } = world.send(arp());
    deepEqual(verdict, { kind: 'consumed', reason: 'arp-answered' });
    deepEqual([generated[0]?.cause, generated[0]?.egress], ['arp-reply', inside]);
    const bytes = generated[0]?.bytes ?? new Uint8Array();
    deepEqual(readArp(frameOf(bytes)), {
      operation: REPLY,
      senderMac: own.mac,
      senderIp: own.ip,
      targetMac: ann.mac,
      targetIp: ann.ip,
    });
    deepEqual(world.heard, [['learned', ann.ip, ann.mac]]);
    equal(world.tables.neighbours.size, 0);
  });

  it('answers a request that comes to itself alone', () => {
    equal(fate(arp({ ethDst: own.mac })), 'arp-answered');
    equal(fate(arp({ ethDst: mac`02:00:00:00:09:09` })), 'not-for-router');
  });

  it('ignores requests for other addresses, and senders of other segments', () => {
    equal(fate(arp({ targetIp: ip`10.0.1.77` })), 'arp-ignored');
    equal(fate(arp({ senderIp: ip`10.0.2.10` })), 'arp-ignored');
    deepEqual(world.heard, []);
  });

  it('C19: learns from a gratuitous message, request or reply, whatever the target’s hardware address', () => {
    for (const operation of [REQUEST, REPLY]) {
      for (const targetMac of [ZERO_MAC, ann.mac, BROADCAST_MAC]) {
        const { verdict, generated } = world.send(arp({ operation, targetIp: ann.ip, targetMac }));
        deepEqual([verdict, generated.length], [{ kind: 'consumed', reason: 'arp-learned' }, 0]);
      }
    }
    equal(world.heard.length, 6);
  });

  it('C20: answers a probe for its own address, and learns nothing from it', () => {
    const { verdict, generated } = world.send(arp({ senderIp: ipv4Of(0) }));
    deepEqual([verdict, generated.length], [{ kind: 'consumed', reason: 'arp-answered' }, 1]);
    deepEqual(world.heard, []);
    equal(fate(arp({ senderIp: ipv4Of(0), targetIp: ip`10.0.1.9` })), 'arp-ignored');
  });

  it('learns from a reply to its port’s address and MAC, and from no other', () => {
    equal(fate(reply()), 'arp-learned');
    deepEqual(world.heard, [['learned', ann.ip, ann.mac]]);
    equal(fate(reply({ targetMac: mac`02:00:00:00:09:09` })), 'arp-ignored');
    equal(fate(reply({ targetIp: ip`10.0.1.9` })), 'arp-ignored');
    equal(fate(reply({ senderIp: ip`10.0.2.10` })), 'arp-ignored');
    equal(world.heard.length, 1);
  });

  it('believes nobody who claims its own address, or a group’s MAC', () => {
    equal(fate(arp({ senderIp: own.ip, targetIp: own.ip })), 'arp-ignored');
    equal(fate(reply({ senderMac: mac`01:00:5e:00:00:01` })), 'arp-ignored');
    equal(fate(arp({ senderMac: ZERO_MAC })), 'arp-ignored');
    equal(fate(arp({ senderMac: BROADCAST_MAC, senderIp: ipv4Of(0) })), 'arp-ignored');
    deepEqual(world.heard, []);
  });

  it('drops messages that are neither request nor reply, or not of Ethernet and IPv4', () => {
    equal(fate(arp({ operation: 3 })), 'arp-opcode');
    equal(fate(arp({ operation: 0x0301 })), 'arp-opcode');
    equal(fate(arp({ broken: { 16: 0x86 } })), 'arp-ignored');
    equal(fate(arp().subarray(0, 40)), 'arp-ignored');
  });

  it('keeps no flow for a message that it answered or learned from, or that only its hardware addresses decided', () => {
    equal(isKeyed(arp()), false);
    equal(isKeyed(reply()), false);
    equal(isKeyed(reply({ targetMac: ann.mac })), false);
    equal(isKeyed(arp({ targetIp: ip`10.0.1.77` })), true);
  });

  it('learns nothing from a what-if', () => {
    world.whatIf(arp());
    world.whatIf(reply());
    deepEqual(world.heard, []);
  });
});
