/** Types of blocks. See draft-ietf-opsawg-pcapng, section 4; the obsolete packet block is in appendix A. */
export const BLOCK = {
  section: 0x0a0d_0d0a,
  interface: 1,
  obsoletePacket: 2,
  simplePacket: 3,
  enhancedPacket: 6,
  // No packets to us, but numbered among them by Wireshark:
  journal: 9,
  custom: 0xbad,
  customNotCopied: 0x4000_0bad,
} as const;

/** What a section header says of its byte order: these four octets, or the same the other way round. */
export const BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
