import { arpReply, arpRequest, putMac } from '../../../simulation/packet/arp.ts';
import { extract } from '../../../simulation/packet/extract.ts';
import { KEY_WORDS, maskOf, UNKEYED } from '../../../simulation/packet/flow-key.ts';
import { Layers, type Frame } from '../../../simulation/packet/frame.ts';
import { Packet, Simulation } from '../../../simulation/packet/packet.ts';
import type { TagNote } from '../../../simulation/tag.ts';
import type { Verdict } from '../../../simulation/verdict.ts';
import { portIdOf, type PortId } from '../../../topology/model/ids.ts';
import { parseIpv4, type Ipv4 } from '../../../topology/model/ipv4.ts';
import { BROADCAST_MAC, parseMac, type Mac } from '../../../topology/model/mac.ts';
import { millisOf } from '../../../topology/model/time.ts';

/** A MAC address written by hand: mac`02:00:00:00:00:0a`. */
export function mac([text = '']: TemplateStringsArray): Mac {
  const address = parseMac(text);
  if (address === undefined) throw new TypeError(`not a MAC address: "${text}"`);
  return address;
}

/** An IPv4 address written by hand: ip`10.0.0.1`. */
export function ip([text = '']: TemplateStringsArray): Ipv4 {
  const address = parseIpv4(text);
  if (address === undefined) throw new TypeError(`not an IPv4 address: "${text}"`);
  return address;
}

/** An Ethernet frame of so many octets. `tags` are VLAN ids, outermost first; `type` may be an 802.3 length. */
export function ethernet(
  src: Mac,
  dst: Mac,
  { type = 0x0800, tags = [], length = 60 }: { type?: number; tags?: readonly number[]; length?: number } = {},
): Uint8Array {
  const bytes = new Uint8Array(60);
  const view = new DataView(bytes.buffer);
  putMac(bytes, 0, dst);
  putMac(bytes, 6, src);
  tags.forEach((tag, n) => view.setUint32(12 + 4 * n, 0x8100_0000 + tag));
  view.setUint16(12 + 4 * tags.length, type);
  return bytes.subarray(0, length);
}

/** An ARP message to everyone; in VLANs, if told so. */
export function arp(
  operation: number,
  sender: { readonly mac: Mac; readonly ip: Ipv4 },
  targetIp: Ipv4,
  { tags = [], ethSrc = sender.mac }: { tags?: readonly number[]; ethSrc?: Mac } = {},
): Uint8Array {
  const message = { ethSrc, ethDst: BROADCAST_MAC, senderMac: sender.mac, senderIp: sender.ip, targetIp };
  const whole = arpRequest(message);
  whole[21] = operation;
  const bytes = new Uint8Array(60 + 4 * tags.length);
  bytes.set(ethernet(ethSrc, BROADCAST_MAC, { tags, type: 0x0806 }));
  bytes.set(whole.subarray(14), 14 + 4 * tags.length);
  return bytes;
}

/** The bytes of an answer that a bridge gives. */
export function answer(known: Mac, address: Ipv4, to: { readonly mac: Mac; readonly ip: Ipv4 }): Uint8Array {
  const [ethSrc, ethDst] = [known, to.mac];
  return arpReply({ ethSrc, ethDst, senderMac: known, senderIp: address, targetMac: to.mac, targetIp: to.ip });
}

/** A frame at the start of its simulation, with its facts noted. */
export function arrival(bytes: Uint8Array, ingress?: PortId): Packet {
  const { frame, words } = extracted(bytes);
  return new Packet(new Simulation(frame, words, millisOf(0), { notes: [] }), ingress);
}

/**
 * The packet that `other` would be if it were like `packet` in all that `packet` saw: its key where seen, the other's elsewhere,
 * and its octets if something was looked at that is not in the key.
 */
export function twinOf(packet: Packet, other: Uint8Array, ingress: PortId | undefined): Packet {
  const { origin, seen, frame, now } = packet.simulation;
  const mask = maskOf(seen);
  const theirs = extracted(other);
  const words = theirs.words.map((word, n) => (((origin[n] ?? 0) & (mask[n] ?? 0)) | (word & ~(mask[n] ?? 0))) >>> 0);
  const octets = (seen & UNKEYED) === 0 ? theirs.frame : frame;
  return new Packet(new Simulation(octets, words, now, { notes: [] }), ingress);
}

function extracted(bytes: Uint8Array): { frame: Frame; words: Uint32Array } {
  const frame: Frame = { bytes, wireLength: bytes.length, layers: new Layers() };
  const words = new Uint32Array(KEY_WORDS);
  extract(bytes, bytes.length, bytes.length, portIdOf(1), words, frame.layers);
  return { frame, words };
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
  return (facts.notes ?? []).map(factOf);
}

export function factOf({ kind, device, a, b, c }: TagNote): string {
  return [kind, device, a, b, c].join(' ');
}
