/**
 * Where the headers of a frame lie: offsets in octets from its start, filled by `extract`. -1: there is no such header, or not
 * all of it is in the bytes.
 */
export class Layers {
  /** The ethertype that names layer 3, behind all tags. */
  etherTypeAt = -1;
  /** The first octet of the IPv4, IPv6 or ARP header. */
  l3 = -1;
  /** The first octet behind the IP header and its extensions, of a packet that is no later fragment. */
  l4 = -1;
  /** The octet behind the IP packet as its length field tells, capped to the frame: what follows is padding. */
  end = -1;
  /** The protocol of what lies at {@link l4}: the key's, kept where those who rewrite bytes find it. */
  protocol = -1;
  /** Whether the IP packet is all in the bytes: no fragment, and not cut by the capture. */
  isWhole = false;

  /** Octets of the IP packet on the wire, as its header tells; 0 when there is none. What an MTU is held against. */
  ipLength = 0;

  set(other: Layers): void {
    this.etherTypeAt = other.etherTypeAt;
    this.l3 = other.l3;
    this.l4 = other.l4;
    this.end = other.end;
    this.ipLength = other.ipLength;
    this.protocol = other.protocol;
    this.isWhole = other.isWhole;
  }
}

/** A frame whole in memory, with the places of its headers. */
export interface Frame {
  /** From the destination MAC to the last octet captured; no frame check sequence. Never changed while a simulation holds it. */
  readonly bytes: Uint8Array;
  /** Octets on the wire; more than `bytes.length` when the capture cut the frame. */
  readonly wireLength: number;
  readonly layers: Layers;
}
