import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { Mac } from '../../topology/model/mac.ts';

/** What somebody said of a packet; what was not said is undefined, and filled in when the packet is built. */
export type PacketExpression =
  | { readonly kind: 'packet'; readonly ethernet: EthernetSaid; readonly content: ContentSaid }
  /** The octets of a frame, as they are. */
  | { readonly kind: 'octets'; readonly bytes: Uint8Array }
  /** Frame `frame`, counted from 1, of a capture: for the caller to read. */
  | { readonly kind: 'capture'; readonly file: string; readonly frame: number };

export interface EthernetSaid {
  readonly src: Mac | undefined;
  readonly dst: Mac | undefined;
  /** Tag control information of each VLAN tag, outermost first. */
  readonly vlans: readonly number[];
}

export type ContentSaid = ArpSaid | Ipv4Said | RawSaid;

export interface ArpSaid {
  readonly kind: 'arp';
  readonly operation: number;
  readonly senderIp: Ipv4;
  readonly targetIp: Ipv4;
  /** Undefined: the frame's source. */
  readonly senderMac: Mac | undefined;
  /** Undefined in a request: zero, as nobody knows it. */
  readonly targetMac: Mac | undefined;
  /** Whether everyone is asked or told. */
  readonly isBroadcast: boolean;
}

/** Anything by its ethertype. */
export interface RawSaid {
  readonly kind: 'raw';
  readonly etherType: number;
  readonly payload: Uint8Array;
}

/** A checksum: right, wrong on purpose, or this very number. */
export type ChecksumSaid = 'right' | 'bad' | number;

export interface Ipv4Said {
  readonly kind: 'ipv4';
  readonly src: Ipv4;
  readonly dst: Ipv4;
  readonly ttl: number;
  readonly tos: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** In octets, a multiple of 8. */
  readonly fragmentOffset: number;
  readonly checksum: ChecksumSaid;
  readonly body: BodySaid;
}

export type BodySaid =
  | {
      readonly kind: 'tcp';
      readonly srcPort: number;
      readonly dstPort: number;
      readonly flags: number;
      readonly seq: number;
      readonly ack: number;
      readonly window: number;
      /** The maximum segment size option; undefined for none. */
      readonly mss: number | undefined;
      readonly checksum: ChecksumSaid;
      readonly payload: Uint8Array;
    }
  | {
      readonly kind: 'udp';
      readonly srcPort: number;
      readonly dstPort: number;
      readonly checksum: ChecksumSaid;
      readonly payload: Uint8Array;
    }
  | {
      readonly kind: 'icmp';
      readonly type: number;
      readonly code: number;
      /** The second word of the header: identifier and sequence number of a query. */
      readonly rest: number;
      readonly checksum: ChecksumSaid;
      readonly payload: Uint8Array;
    }
  | { readonly kind: 'other'; readonly protocol: number; readonly payload: Uint8Array };
