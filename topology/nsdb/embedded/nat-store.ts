import { later, type Millis } from '../../model/time.ts';
import { chooseBlock, RECYCLE_INTERVAL, type NatBlockRequest } from '../nat-block.ts';
import type { Ephemeral, Session } from './session.ts';

interface Taken extends Ephemeral {
  readonly session: Session;
}

interface Block {
  taken: Taken | undefined;
  changed: number;
}

/** Blocks of ports of an embedded database, by address, and who has them. */
export class NatStore {
  readonly #addresses = new Map<string, Map<number, Block>>();
  #changes = 0;
  /** When addresses were last forgotten. */
  #recycled: Millis | undefined;

  /** Takes a block of an address for a session; undefined where all are taken. */
  lease(path: string, request: NatBlockRequest, session: Session): number | undefined {
    const blocks = this.#addresses.get(path) ?? new Map<number, Block>();
    const used = Array.from(blocks, ([number, { taken, changed }]) => ({
      number,
      isTaken: taken !== undefined,
      changed,
    }));
    const number = chooseBlock(used, request);
    if (number !== undefined) this.take(path, number, session);
    return number;
  }

  /** Takes this block, if it is free; false where it is not. */
  take(path: string, number: number, session: Session): boolean {
    let blocks = this.#addresses.get(path);
    if (blocks === undefined) this.#addresses.set(path, (blocks = new Map<number, Block>()));
    let block = blocks.get(number);
    if (block === undefined) blocks.set(number, (block = { taken: undefined, changed: 0 }));
    if (block.taken !== undefined) return false;
    const own = block;
    own.taken = { session, vanish: () => this.#free(own) };
    own.changed = ++this.#changes;
    session.own(own.taken);
    return true;
  }

  /** Gives a session's block back; nothing, where it is not that session's. */
  release(path: string, number: number, session: Session): void {
    const block = this.#addresses.get(path)?.get(number);
    if (block?.taken?.session !== session) return;
    session.disown(block.taken);
    this.#free(block);
  }

  /** Forgets the addresses of which no block is taken, unless that was done a short while ago; says how many. */
  recycle(now: Millis): number | undefined {
    if (this.#recycled !== undefined && now < later(this.#recycled, RECYCLE_INTERVAL)) return undefined;
    this.#recycled = now;
    const idle = [...this.#addresses].filter(([, blocks]) => [...blocks.values()].every(({ taken }) => !taken));
    for (const [path] of idle) this.#addresses.delete(path);
    return idle.length;
  }

  #free(block: Block): void {
    block.taken = undefined;
    block.changed = ++this.#changes;
  }
}
