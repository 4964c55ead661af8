import { later, millisOf } from '../../model/time.ts';
import {
  chooseBlock,
  portsOf,
  RECYCLE_INTERVAL,
  type NatBlock,
  type NatBlockListener,
  type NatBlockRequest,
  type UsedBlock,
} from '../nat-block.ts';
import { NsdbError } from '../nsdb-error.ts';
import { NAT_PATH, natPath } from '../paths.ts';
import type { Operation } from './client/operation.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import type { Link } from './link.ts';
import type { Owned } from './owned.ts';
import { isOvertaken, parentOf, plant } from './places.ts';
import { newIncarnation } from './tree.ts';

/** Takes a block for the handle, of those that nobody has (spec 40 §8.3); undefined where there is none. */
export async function leaseNatBlock(
  link: Link,
  request: NatBlockRequest,
  listener: NatBlockListener,
): Promise<NatBlock | undefined> {
  const address = natPath(request.device, request.ip);
  for (;;) {
    /* oxlint-disable eslint/no-await-in-loop -- another attempt when somebody else was faster */
    const used = await link.read((client) => usedBlocks(client, address));
    const number = chooseBlock(used, request);
    if (number === undefined) return undefined;
    const block = new HeldNatBlock(link, address, number, listener);
    if (await block.take(used.some((one) => one.number === number))) return block;
    /* oxlint-enable eslint/no-await-in-loop */
  }
}

/** Forgets the addresses of which no block is taken (spec 40 §8.5); undefined where it is not time yet. */
export async function recycleNatBlocks(link: Link): Promise<number | undefined> {
  const now = link.shared.timers.now();
  await link.read((client) => plant(client, NAT_PATH));
  const { value: root } = await link.read((client) => client.data(NAT_PATH));
  const last = millisOf(Number.parseFloat(root?.data.toString() ?? ''));
  if (now >= last && now < later(last, RECYCLE_INTERVAL)) return undefined;
  const note: Operation = {
    kind: 'set',
    path: NAT_PATH,
    data: Buffer.from(String(now)),
    version: root?.stat.version ?? 0,
  };
  if (!(await isDone(link, [note]))) return undefined; // somebody else has just begun

  let forgotten = 0;
  for (const device of await childrenOf(link, NAT_PATH)) {
    /* oxlint-disable eslint/no-await-in-loop -- one address after another: nobody waits */
    const path = `${NAT_PATH}/${device}`;
    for (const ip of await childrenOf(link, path)) forgotten += Number(await forget(link, `${path}/${ip}`));
    await isDone(link, [{ kind: 'delete', path }]);
    /* oxlint-enable eslint/no-await-in-loop */
  }
  return forgotten;
}

/** A leased block: a node of its own, and under it one that lives in our session. */
class HeldNatBlock implements NatBlock, Owned {
  readonly number: number;
  readonly firstPort: number;
  readonly lastPort: number;
  readonly #link: Link;
  readonly #listener: NatBlockListener;
  readonly #taken: string;
  /** By this our node is known again, when the answer to its making was lost. */
  readonly #mark = newIncarnation();
  #isHeld = false;

  constructor(link: Link, address: string, number: number, listener: NatBlockListener) {
    this.#link = link;
    this.#listener = listener;
    this.#taken = `${address}/${number}/taken`;
    this.number = number;
    ({ firstPort: this.firstPort, lastPort: this.lastPort } = portsOf(number));
  }

  get held(): boolean {
    return this.#isHeld;
  }

  /** Takes it; false where another has it, or has just removed or made the nodes above. */
  async take(isKnown: boolean): Promise<boolean> {
    const block = parentOf(this.#taken);
    if (!isKnown) await this.#link.read((client) => plant(client, parentOf(block)));
    const made: readonly Operation[] = isKnown ? [] : [{ kind: 'create', path: block, data: Buffer.alloc(0) }];
    this.#isHeld = await isDone(this.#link, [...made, this.#creation]).catch(async (cause: unknown) => {
      if (!(cause instanceof NsdbError) || cause.fault !== 'outcome-unknown') throw cause;
      return (await this.#link.read((client) => this.#version(client))) !== undefined;
    });
    if (this.#isHeld) this.#link.own(this);
    return this.#isHeld;
  }

  async putBack(): Promise<void> {
    const { client } = this.#link;
    await plant(client, parentOf(this.#taken));
    try {
      await client.multi([this.#creation]);
    } catch (cause) {
      if (!isOvertaken(cause)) throw cause;
      // Where the last attempt to put all back was cut short, it may be there.
      if ((await this.#version(client)) === undefined) this.#lose();
    }
  }

  async release(): Promise<void> {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#link.disown(this);
    await new Promise<void>((resolve) => {
      this.#link.whenUp(async () => {
        await this.#link.read((client) => this.#withdraw(client));
        resolve();
      }, resolve);
    });
  }

  get #creation(): Operation {
    const data = Buffer.from(`${this.#link.name} ${this.#mark}`);
    return { kind: 'create', path: this.#taken, data, mode: 'ephemeral' };
  }

  async #withdraw(client: ZookeeperClient): Promise<void> {
    const version = await this.#version(client);
    if (version === undefined) return;
    await client.multi([{ kind: 'delete', path: this.#taken, version }]).catch((cause: unknown) => {
      if (!isOvertaken(cause)) throw cause;
    });
  }

  /** The version of our node; undefined where there is none, or it is not ours. */
  async #version(client: ZookeeperClient): Promise<number | undefined> {
    const { value } = await client.data(this.#taken);
    const isOurs = value?.stat.owner === client.sessionName && value.data.toString().endsWith(` ${this.#mark}`);
    return isOurs ? value.stat.version : undefined;
  }

  #lose(): void {
    this.#isHeld = false;
    this.#link.disown(this);
    this.#link.shared.activity.push(() => {
      if (this.#link.connection.kind !== 'closed') this.#link.tell(() => this.#listener.lost());
    });
  }
}

async function usedBlocks(client: ZookeeperClient, address: string): Promise<readonly UsedBlock[]> {
  const { value } = await client.children(address);
  const numbers = (value?.names ?? []).filter((name) => /^\d{1,4}$/.test(name));
  const stats = await Promise.all(numbers.map((number) => client.stat(`${address}/${number}`)));
  return numbers.flatMap((number, n) => {
    const stat = stats[n]?.value;
    if (stat === undefined) return [];
    return { number: Number(number), isTaken: stat.childCount > 0, changed: stat.childrenModified };
  });
}

/** Removes an address with all its blocks; false where one of them is taken, for then its node is not empty. */
async function forget(link: Link, address: string): Promise<boolean> {
  const blocks = (await childrenOf(link, address)).map((name) => `${address}/${name}`);
  return isDone(
    link,
    [...blocks, address].map((path) => ({ kind: 'delete', path })),
  );
}

async function childrenOf(link: Link, path: string): Promise<readonly string[]> {
  return (await link.read((client) => client.children(path))).value?.names ?? [];
}

/** Does all operations; false where somebody else's came between. */
async function isDone(link: Link, operations: readonly Operation[]): Promise<boolean> {
  try {
    await link.write((client) => client.multi(operations));
    return true;
  } catch (cause) {
    if (isOvertaken(cause)) return false;
    throw cause;
  }
}
