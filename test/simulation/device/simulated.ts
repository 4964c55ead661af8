import { arpReply } from '../../../simulation/packet/arp.ts';
import { maskOf } from '../../../simulation/packet/key-layout.ts';
import type { Frame } from '../../../simulation/packet/frame.ts';
import { Packet, Simulation } from '../../../simulation/packet/packet.ts';
import type { Verdict } from '../../../simulation/verdict.ts';
import { portIdOf, type PortId } from '../../../topology/model/ids.ts';
import type { Ipv4 } from '../../../topology/model/ipv4.ts';
import { BROADCAST_MAC, type Mac } from '../../../topology/model/mac.ts';
import { millisOf } from '../../../topology/model/time.ts';
import { alike } from '../alike.ts';
import { arpFrame, ethernetFrame, frameOf, wordsOf } from '../packets.ts';

/** An Ethernet frame cut to so many octets. `tags` are VLAN ids, outermost first; `type` may be an 802.3 length. */
export function ethernet(
  ethSrc: Mac,
  ethDst: Mac,
  { type = 0x0800, tags = [], length = 60 }: { type?: number; tags?: readonly number[]; length?: number } = {},
): Uint8Array {
  return ethernetFrame(type, new Uint8Array(0), { ethSrc, ethDst, tags }).subarray(0, length);
}

/** An ARP message to everyone; in VLANs, if told so. */
export function arp(
  operation: number,
  { mac: senderMac, ip: senderIp }: { readonly mac: Mac; readonly ip: Ipv4 },
  targetIp: Ipv4,
  { tags = [], ethSrc = senderMac }: { tags?: readonly number[]; ethSrc?: Mac } = {},
): Uint8Array {
  return arpFrame({ operation, senderMac, senderIp, targetIp, tags, ethSrc, ethDst: BROADCAST_MAC });
}

/** The bytes of an answer that a bridge gives. */
export function answer(known: Mac, address: Ipv4, to: { readonly mac: Mac; readonly ip: Ipv4 }): Uint8Array {
  const [ethSrc, ethDst] = [known, to.mac];
  return arpReply({ ethSrc, ethDst, senderMac: known, senderIp: address, targetMac: to.mac, targetIp: to.ip });
}

/** A frame at the start of its simulation, with its facts noted. */
export function arrival(bytes: Uint8Array, ingress?: PortId): Packet {
  return start(frameOf(bytes), ingress);
}

/** A packet like `packet` in all that `packet` saw, and like the other elsewhere. */
export function twinOf({ simulation }: Packet, other: Uint8Array, ingress: PortId | undefined): Packet {
  return start(alike(simulation.seen, simulation.frame, frameOf(other)), ingress);
}

function start(frame: Frame, ingress: PortId | undefined): Packet {
  return new Packet(new Simulation(frame, wordsOf(frame, portIdOf(1)), millisOf(0), { notes: [] }), ingress);
}

/** All that a device made of a packet, to be compared whole. */
export function outcomeOf(verdict: Verdict, packet: Packet): object {
  const { key, simulation, hops, mtu, ingress } = packet;
  const mask = maskOf(key.written);
  return {
    verdict,
    because: packet.because?.describe(),
    tags: simulation.facts.tags,
    written: key.written,
    values: key.words.map((word, n) => word & (mask[n] ?? 0)),
    generated: simulation.generated.map(({ cause, egress, bytes }) => ({ cause, egress, bytes: [...bytes] })),
    emissions: simulation.emissions.map(({ port }) => port),
    isFlowless: simulation.isFlowless,
    hops,
    mtu,
    ingress,
  };
}

/** The facts that a packet gathered, for people: `VlanPort 7 2199023255562 0 1`. */
export function factsOf({ facts }: Packet): string[] {
  return (facts.notes ?? []).map(({ kind, device, a, b, c }) => [kind, device, a, b, c].join(' '));
}
