/** A 64-bit number of the wire; exact up to 2^53. */
export function numberOf(bytes: Buffer): number {
  return bytes.readInt32BE(0) * 2 ** 32 + bytes.readUInt32BE(4);
}

/** A number as the wire has it, in 64 bits. */
export function bytesOf(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(number));
  return bytes;
}
