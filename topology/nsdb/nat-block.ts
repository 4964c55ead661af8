import type { Uuid } from '../model/ids.ts';
import type { Ip } from '../model/ip.ts';

/** The 65536 ports of an address are leased in blocks of so many (spec 40 §8.1). */
const BLOCK_PORTS = 64;
/** How much time lies between two recyclings, in milliseconds (spec 40 §8.5). */
export const RECYCLE_INTERVAL = 24 * 60 * 60 * 1000;

/** For whom a block of ports is wanted, and from which ports. */
export interface NatBlockRequest {
  /** The device that translates. */
  readonly device: Uuid;
  readonly ip: Ip;
  /** The ports that would do, both included. A block that has one of them is of use. */
  readonly firstPort: number;
  readonly lastPort: number;
  /** Numbers in [0, 1): which of the blocks that nobody has used yet. */
  readonly chance: () => number;
}

/** A block of ports, ours alone: over lost sessions too, where nobody else took it meanwhile (C31). */
export interface NatBlock {
  /** From 0 to 1023. */
  readonly number: number;
  readonly firstPort: number;
  readonly lastPort: number;
  /** False when it was released or lost. */
  readonly held: boolean;
  /** Gives it back: when the link is up again, if it is down. */
  release(): Promise<void>;
}

/** Hears of a block that is ours no longer. */
export interface NatBlockListener {
  /** Our session ended, and before we had the next one another had taken the block. Nothing follows. */
  lost(): void;
}

/** A block that was used before, and by whom it is taken now. */
export interface UsedBlock {
  readonly number: number;
  readonly isTaken: boolean;
  /** Grows with time: when it was last taken or released. */
  readonly changed: number;
}

/**
 * Which block to take: of those used before the one that was released longest ago, else any that nobody used yet (C29).
 *
 * @param used blocks of the address, in or out of the range
 * @returns undefined when all of the range are taken
 * @throws RangeError where there is no such range
 */
export function chooseBlock(used: readonly UsedBlock[], request: NatBlockRequest): number | undefined {
  const { firstPort, lastPort, chance } = request;
  if (!(firstPort >= 0 && firstPort <= lastPort && lastPort <= 0xffff)) {
    throw new RangeError(`${firstPort} to ${lastPort} is no range of ports`);
  }
  const [first, last] = [blockOf(firstPort), blockOf(lastPort)];
  const known = used.filter(({ number }) => number >= first && number <= last);
  const free = known.filter(({ isTaken }) => !isTaken);
  if (free.length > 0) return free.reduce((a, b) => (b.changed < a.changed ? b : a)).number;
  const numbers = new Set(known.map(({ number }) => number));
  const unused = Array.from({ length: last - first + 1 }, (_, n) => first + n).filter((n) => !numbers.has(n));
  return unused[Math.floor(chance() * unused.length)];
}

/** The first and last port of a block. */
export function portsOf(block: number): { readonly firstPort: number; readonly lastPort: number } {
  return { firstPort: block * BLOCK_PORTS, lastPort: (block + 1) * BLOCK_PORTS - 1 };
}

function blockOf(port: number): number {
  return Math.floor(port / BLOCK_PORTS);
}
