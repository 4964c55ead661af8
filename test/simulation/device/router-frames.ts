import { arpReply, arpRequest, putMac } from '../../../simulation/packet/arp.ts';
import { checksumOf } from '../../../simulation/packet/checksum.ts';
import { put16, put32 } from '../../../simulation/packet/octets.ts';
import type { Ipv4 } from '../../../topology/model/ipv4.ts';
import type { Mac } from '../../../topology/model/mac.ts';

/** What of an IPv4 frame is not as usual. */
export interface Ipv4Frame {
  readonly ethSrc: Mac;
  readonly ethDst: Mac;
  readonly src: Ipv4;
  readonly dst: Ipv4;
  /** TCIs of the tags, outermost first. */
  readonly tags?: readonly number[];
  readonly etherType?: number;
  readonly proto?: number;
  readonly ttl?: number;
  readonly tos?: number;
  readonly id?: number;
  readonly df?: boolean;
  readonly more?: boolean;
  /** In units of 8 octets. */
  readonly offset?: number;
  /** A multiple of four octets. */
  readonly options?: readonly number[];
  readonly payload?: Uint8Array;
  readonly padding?: number;
  /** Octets that overwrite the finished frame's IPv4 header, by place. */
  readonly broken?: Readonly<Record<number, number>>;
  /** Instead of what is right. */
  readonly totalLength?: number;
  readonly headerChecksum?: number;
}

export function ipv4Frame(frame: Ipv4Frame): Uint8Array {
  const { tags = [], options = [], payload = udp(4000, 53, 12), padding = 0 } = frame;
  const l3 = 14 + 4 * tags.length;
  const header = 20 + options.length;
  const bytes = new Uint8Array(l3 + header + payload.length + padding);
  putMac(bytes, 0, frame.ethDst);
  putMac(bytes, 6, frame.ethSrc);
  for (const [n, tci] of tags.entries()) {
    put16(bytes, 12 + 4 * n, 0x8100);
    put16(bytes, 14 + 4 * n, tci);
  }
  put16(bytes, l3 - 2, frame.etherType ?? 0x0800);
  bytes[l3] = 0x40 | (header / 4);
  bytes[l3 + 1] = frame.tos ?? 0;
  put16(bytes, l3 + 2, frame.totalLength ?? header + payload.length);
  put16(bytes, l3 + 4, frame.id ?? 77);
  put16(bytes, l3 + 6, (frame.df === true ? 0x4000 : 0) | (frame.more === true ? 0x2000 : 0) | (frame.offset ?? 0));
  bytes[l3 + 8] = frame.ttl ?? 64;
  bytes[l3 + 9] = frame.proto ?? 17;
  put32(bytes, l3 + 12, frame.src);
  put32(bytes, l3 + 16, frame.dst);
  bytes.set(options, l3 + 20);
  bytes.set(payload, l3 + header);
  for (const [at, octet] of Object.entries(frame.broken ?? {})) bytes[l3 + Number(at)] = octet;
  put16(bytes, l3 + 10, frame.headerChecksum ?? checksumOf(bytes, l3, l3 + header));
  return bytes;
}

/** A UDP datagram without a checksum. */
export function udp(from: number, to: number, length = 0): Uint8Array {
  const bytes = new Uint8Array(8 + length).fill(0x55);
  put16(bytes, 0, from);
  put16(bytes, 2, to);
  put16(bytes, 4, bytes.length);
  put16(bytes, 6, 0);
  return bytes;
}

/** A TCP segment; its checksum is left out. */
export function tcp(from: number, to: number, flags = 0x10): Uint8Array {
  const bytes = new Uint8Array(20);
  put16(bytes, 0, from);
  put16(bytes, 2, to);
  put16(bytes, 12, 0x5000 | flags);
  return bytes;
}

/** An ICMP message: 8 octets of header, then data 0, 1, 2... */
export function icmp(type: number, code = 0, length = 16, rest = 0x1234_0001): Uint8Array {
  const bytes = Uint8Array.from({ length: 8 + length }, (_, n) => n - 8);
  bytes[0] = type;
  bytes[1] = code;
  put16(bytes, 2, 0);
  put32(bytes, 4, rest);
  put16(bytes, 2, checksumOf(bytes, 0, bytes.length));
  return bytes;
}

/** What of an ARP frame is not as usual. */
export interface ArpFrame {
  readonly operation: number;
  readonly ethDst: Mac;
  readonly senderMac: Mac;
  readonly senderIp: Ipv4;
  readonly targetMac: Mac;
  readonly targetIp: Ipv4;
  /** Octets that overwrite the finished frame, by place. */
  readonly broken?: Readonly<Record<number, number>>;
}

export function arpFrame({ operation, broken, ...message }: ArpFrame): Uint8Array {
  const bytes = (operation === 2 ? arpReply : arpRequest)({ ...message, ethSrc: message.senderMac });
  put16(bytes, 20, operation);
  for (const [at, octet] of Object.entries(broken ?? {})) bytes[Number(at)] = octet;
  return bytes;
}
