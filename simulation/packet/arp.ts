import { ipv4Of, type Ipv4 } from '../../topology/model/ipv4.ts';
import { highOf, lowOf, macOf, ZERO_MAC, type Mac } from '../../topology/model/mac.ts';
import { ETHERNET_HEADER, ETHERTYPE_ARP, SHORTEST_FRAME } from './ethernet.ts';
import type { Frame } from './frame.ts';
import { i32, put16, put32, u16, u32 } from './octets.ts';

export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

/** An ARP message in its form for Ethernet and IPv4 (RFC 826). */
export interface ArpMessage {
  readonly operation: number;
  readonly senderMac: Mac;
  readonly senderIp: Ipv4;
  readonly targetMac: Mac;
  readonly targetIp: Ipv4;
}

/** Reads a frame's ARP message; undefined when it has none, or one cut short or of other address families. */
export function readArp({ bytes, layers }: Frame): ArpMessage | undefined {
  const at = layers.l3;
  if (at < 0 || u16(bytes, layers.etherTypeAt) !== ETHERTYPE_ARP) return undefined;
  return {
    operation: u16(bytes, at + 6),
    senderMac: readMac(bytes, at + 8),
    senderIp: ipv4Of(i32(bytes, at + 14)),
    targetMac: readMac(bytes, at + 18),
    targetIp: ipv4Of(i32(bytes, at + 24)),
  };
}

/** The address at `at`. */
export function readMac(bytes: Uint8Array, at: number): Mac {
  return macOf(u16(bytes, at), u32(bytes, at + 2));
}

export function putMac(bytes: Uint8Array, at: number, address: Mac): void {
  put16(bytes, at, highOf(address));
  put32(bytes, at + 2, lowOf(address));
}

/**
 * A request for the hardware address of `targetIp`, in a frame of 60 octets.
 *
 * @param ethDst where the frame goes: everyone, or a station whose entry is to be refreshed
 * @param targetMac what the message says of the target: zero, as nobody knows, unless told otherwise
 */
export function arpRequest(request: {
  readonly ethSrc: Mac;
  readonly ethDst: Mac;
  readonly senderMac: Mac;
  readonly senderIp: Ipv4;
  readonly targetMac?: Mac;
  readonly targetIp: Ipv4;
}): Uint8Array {
  return arpFrame(request.ethDst, request.ethSrc, { targetMac: ZERO_MAC, ...request, operation: ARP_REQUEST });
}

/** An answer: `senderIp` is at `senderMac`. In a frame of 60 octets. */
export function arpReply(reply: {
  readonly ethSrc: Mac;
  readonly ethDst: Mac;
  readonly senderMac: Mac;
  readonly senderIp: Ipv4;
  readonly targetMac: Mac;
  readonly targetIp: Ipv4;
}): Uint8Array {
  return arpFrame(reply.ethDst, reply.ethSrc, { ...reply, operation: ARP_REPLY });
}

function arpFrame(ethDst: Mac, ethSrc: Mac, message: ArpMessage): Uint8Array {
  const bytes = new Uint8Array(SHORTEST_FRAME);
  putMac(bytes, 0, ethDst);
  putMac(bytes, 6, ethSrc);
  put16(bytes, 12, ETHERTYPE_ARP);
  const at = ETHERNET_HEADER;
  put32(bytes, at, 0x0001_0800);
  put16(bytes, at + 4, 0x0604);
  put16(bytes, at + 6, message.operation);
  putMac(bytes, at + 8, message.senderMac);
  put32(bytes, at + 14, message.senderIp);
  putMac(bytes, at + 18, message.targetMac);
  put32(bytes, at + 24, message.targetIp);
  return bytes;
}
