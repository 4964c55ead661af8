import type { Link } from './link.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import type { Owned } from './owned.ts';
import { plant } from './places.ts';
import { newIncarnation } from './tree.ts';
import { Watcher } from './watcher.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/** What becomes of somebody who waits. Told asynchronously. */
export interface Waiting {
  /** All before have gone, or, for the others, somebody is there still. */
  placed(isFirst: boolean): void;
  /** The session ended, and the place with it. */
  lost(): void;
}

/** A place in a queue: a node that lives in our session and has a number. Only the one before it is watched. */
export class QueuePlace extends Watcher implements Owned {
  readonly #directory: string;
  readonly #waiting: Waiting;
  /** Whether another place is taken under each new session. */
  readonly #isLasting: boolean;
  /** By this the node is known again, when the answer to its making was lost. */
  readonly #token = newIncarnation();
  #name: string | undefined;
  #before: string | undefined;

  constructor(link: Link, directory: string, isLasting: boolean, waiting: Waiting) {
    super(link);
    this.#directory = directory;
    this.#isLasting = isLasting;
    this.#waiting = waiting;
    link.own(this);
  }

  /** Queues up, at the end. */
  async join(): Promise<void> {
    try {
      await this.link.shared.inTurn(async () => {
        if (this.#name === undefined && !this.isClosed) await this.link.write((client) => this.#enter(client));
      });
    } finally {
      this.mark();
    }
  }

  async putBack(): Promise<void> {
    this.#name = undefined;
    if (!this.#isLasting || this.isClosed) return;
    await this.link.shared.inTurn(() => this.#enter(this.link.client));
  }

  lost(): void {
    this.#name = undefined;
    if (!this.#isLasting) this.close();
    this.link.shared.activity.push(() => this.#waiting.lost());
  }

  /** Leaves the queue: when the link is back, if it is down. */
  leave(): Promise<void> {
    this.close();
    return new Promise((resolve) => {
      this.link.whenUp(async () => {
        await this.link.shared.inTurn(() => this.link.read((client) => this.#withdraw(client)));
        resolve();
      }, resolve);
    });
  }

  override close(): void {
    super.close();
    this.link.disown(this);
    if (this.#before !== undefined) this.link.watches.remove(this.#before, this);
  }

  protected override async look(): Promise<void> {
    if (this.#name === undefined) {
      await this.join();
      if (this.#name === undefined) return;
    }
    const names = await this.link.read(async (client) => (await client.children(this.#directory)).value?.names ?? []);
    for (const name of names) {
      if (!isPlace(name))
        this.link.malformed(`${this.#directory}/${name}`, 'is no place in this queue; it is left out');
    }
    const queue = names.filter(isPlace).toSorted((a, b) => numberOf(a) - numberOf(b));
    const at = queue.indexOf(this.#name);
    if (at === -1) {
      this.#name = undefined; // deleted by somebody's hand
      this.mark();
      return;
    }
    const isFirst = !(await this.#isHeld(queue.slice(0, at)));
    if (!this.isClosed) this.#waiting.placed(isFirst);
  }

  /** Whether somebody holds one of these places. The last of those that are held is watched. */
  async #isHeld(places: readonly string[]): Promise<boolean> {
    for (const name of places.toReversed()) {
      const path = `${this.#directory}/${name}`;
      this.#follow(path);
      // oxlint-disable-next-line eslint/no-await-in-loop -- the first that is held ends it
      const { value } = await this.link.read((client) => client.stat(path, true));
      if (value === undefined) continue; // it left meanwhile
      if (value.owner !== '') return true;
      this.link.malformed(path, "lives in no session: it was written by hand, and is nobody's place");
    }
    return false;
  }

  #follow(node: string): void {
    if (this.#before === node || this.isClosed) return;
    if (this.#before !== undefined) this.link.watches.remove(this.#before, this);
    this.#before = node;
    this.link.watches.add(node, this);
  }

  async #enter(client: ZookeeperClient): Promise<void> {
    const known = await this.#find(client);
    if (known !== undefined) {
      this.#name = known;
      return;
    }
    const path = `${this.#directory}/${this.#token},`;
    const create = () =>
      client.multi([{ kind: 'create', path, data: Buffer.from(this.link.name), mode: 'ephemeral-sequential' }]);
    const [name] = await create().catch(async (cause: unknown) => {
      if (!(cause instanceof ZookeeperError) || cause.fault !== 'no-node') throw cause;
      await plant(client, this.#directory);
      return create();
    });
    this.#name = name;
  }

  async #withdraw(client: ZookeeperClient): Promise<void> {
    const name = await this.#find(client);
    if (name === undefined) return;
    await client.multi([{ kind: 'delete', path: `${this.#directory}/${name}` }]).catch((cause: unknown) => {
      if (!(cause instanceof ZookeeperError) || cause.fault !== 'no-node') throw cause;
    });
  }

  async #find(client: ZookeeperClient): Promise<string | undefined> {
    const { value } = await client.children(this.#directory);
    return value?.names.find((name) => name.startsWith(`${this.#token},`));
  }
}

/** Whether a name is that of a place: a token, and ZooKeeper's number. */
export function isPlace(name: string): boolean {
  return /^[^,]+,\d{10}$/.test(name);
}

function numberOf(name: string): number {
  return Number(name.slice(-10));
}
