import type { Brand } from './brand.ts';

/**
 * An EUI-48 address as an integer in [0, 2^48).
 *
 * A number compares with `===`, keys a `Map`, crosses a process as JSON and needs no allocation
 * to read from a packet; a string or a byte array gives up at least one of these.
 */
export type Mac = Brand<number, 'Mac'>;

/** The address whose first two octets are `high` and last four are `low`. */
export function macOf(high: number, low: number): Mac {
  return (high * 2 ** 32 + low) as Mac;
}

/** Whether the Individual/Group bit is set: true of every multicast address and of broadcast. */
export function isGroup(address: Mac): boolean {
  return ((address / 2 ** 40) & 1) === 1;
}

const TEXT = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** Reads `aa:bb:cc:dd:ee:ff`; undefined if the text is anything else. */
export function parseMac(text: string): Mac | undefined {
  return TEXT.test(text) ? (Number.parseInt(text.replaceAll(':', ''), 16) as Mac) : undefined;
}

const OCTETS: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

export function formatMac(address: Mac): string {
  const [high, low] = [highOf(address), lowOf(address)];
  const start = `${OCTETS[high >>> 8]}:${OCTETS[high & 255]}:${OCTETS[low >>> 24]}`;
  return `${start}:${OCTETS[(low >>> 16) & 255]}:${OCTETS[(low >>> 8) & 255]}:${OCTETS[low & 255]}`;
}

export const BROADCAST_MAC = macOf(0xffff, 0xffff_ffff);
export const ZERO_MAC = macOf(0, 0);

/** The first two octets, as a 16-bit integer. */
export function highOf(address: Mac): number {
  return Math.floor(address / 2 ** 32);
}

/** The last four octets, as an unsigned 32-bit integer. */
export function lowOf(address: Mac): number {
  return address >>> 0;
}
