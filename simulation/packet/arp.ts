// A stand-in until the packet code is merged.
import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { Mac } from '../../topology/model/mac.ts';
import type { Frame } from './frame.ts';

export const ARP_REQUEST = 1;

export interface Arp {
  readonly senderMac: Mac;
  readonly senderIp: Ipv4;
  readonly targetIp: Ipv4;
}

export function readArp(_frame: Frame): Arp | undefined {
  return undefined;
}

export function arpReply(_parts: {
  senderMac: Mac;
  senderIp: Ipv4;
  targetMac: Mac;
  targetIp: Ipv4;
}): Uint8Array {
  return new Uint8Array(60);
}
