/** The number of a transaction: which leader it was proposed by, and which of its transactions it is. */
export interface Zxid {
  readonly epoch: number;
  readonly counter: number;
}

/** As the client counts transactions; exact up to 2^53. */
export function numberOfZxid({ epoch, counter }: Zxid): number {
  return epoch * 2 ** 32 + counter;
}

/** Reads the digits behind `0x`; undefined where there are none. */
export function parseZxid(digits: string | undefined): Zxid | undefined {
  if (digits === undefined) return undefined;
  const whole = digits.padStart(16, '0');
  return { epoch: parseInt(whole.slice(0, 8), 16), counter: parseInt(whole.slice(8), 16) };
}

/** As ZooKeeper writes it: `0x100000004`. */
export function formatZxid(zxid: Zxid | number): string {
  return `0x${(typeof zxid === 'number' ? zxid : numberOfZxid(zxid)).toString(16)}`;
}
