import { put32, u32, u8 } from './octets.ts';

/** Octets of a VXLAN header. */
const VXLAN_HEADER = 8;
/** The UDP port that IANA gave to VXLAN. */
export const VXLAN_PORT = 4789;

const VALID_VNI = 0x08;

/**
 * The VNI, 24 bits, of the VXLAN header at `at`; undefined when it is cut or its I flag is clear. Reserved bits are ignored
 * (RFC 7348, section 5).
 */
export function readVni(bytes: Uint8Array, at: number, end: number): number | undefined {
  if (at + VXLAN_HEADER > end || (u8(bytes, at) & VALID_VNI) === 0) return undefined;
  return u32(bytes, at + 4) >>> 8;
}

/** Writes the eight octets of a VXLAN header; of `vni` the low 24 bits. */
export function writeVxlan(out: Uint8Array, at: number, vni: number): void {
  put32(out, at, VALID_VNI << 24);
  put32(out, at + 4, vni << 8);
}
