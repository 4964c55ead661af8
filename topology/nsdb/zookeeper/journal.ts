import { isJsonObject, parseJson } from '../../model/json.ts';
import type { NodeData, Operation, ZookeeperClient } from './client.ts';
import type { Link, Marked } from './link.ts';
import { JOURNAL, newIncarnation } from './tree.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/**
 * Where a change that is too large for one request stands.
 *
 * - `clean`: there is none
 * - `frozen`: nobody else may write; what the change rests on is looked at once more
 * - `committed`: it counts. Readers wait until all its parts are carried out, which anybody may do
 */
type JournalState =
  | { readonly state: 'clean' }
  | { readonly state: 'frozen'; readonly id: string; readonly parts: number }
  | { readonly state: 'committed'; readonly id: string; readonly parts: number; readonly next: number };

const OWNER = `${JOURNAL}/owner`;
/** What one part may weigh; its text must fit into one node, its operations into one multi. */
const PART_BYTES = 450_000;

/**
 * Changes that are too large for one request, made as one all the same.
 *
 * Every multi that writes objects checks the version of the journal's node. A large change sets that node: from then on every other
 * multi fails, and its writer waits. It checks what it rests on, sets the node again, which is the moment it is made, and
 * carries out its parts, each with a step of the node in one multi. The node is watched by every handle, and ZooKeeper
 * tells of a watch before it answers with anything later: so no reader sees a part and not the whole. A writer that dies
 * leaves no `owner` node: then anybody undoes what was not committed, or completes what was.
 */
export class Journal implements Marked {
  readonly #link: Link;
  #state: JournalState = { state: 'clean' };
  #version = 0;
  #isStale = true;
  #isWriting = false;
  #waiting: (() => void)[] = [];

  constructor(link: Link) {
    this.#link = link;
    link.watch(JOURNAL, this);
    link.watch(OWNER, this);
  }

  /** Whether what was read just now belongs to no half of a change. */
  get isQuiet(): boolean {
    return !this.#isStale && this.#state.state !== 'committed';
  }

  /** The check that a multi needs to write; after {@link clean}. */
  get fence(): Operation {
    return { kind: 'check', path: JOURNAL, version: this.#version };
  }

  mark(): void {
    this.#isStale = true;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** A session begins: watches the node. */
  async begin(): Promise<void> {
    await this.#refresh();
  }

  /** Resolves when no committed change is under way. */
  async quiet(): Promise<void> {
    await this.#until((state) => state !== 'committed');
  }

  /** Resolves when objects may be written. */
  async clean(): Promise<void> {
    await this.#until((state) => state === 'clean');
  }

  /**
   * Makes a large change.
   *
   * @param verify rejects when what the change rests on is no longer so; nobody writes meanwhile
   */
  async write(operations: readonly Operation[], verify: () => Promise<void>): Promise<void> {
    const client = this.#link.client;
    const parts = split(client, operations);
    const id = newIncarnation();
    this.#isWriting = true;
    try {
      await this.lay(id, parts);
      await this.freeze(id, parts.length);
      try {
        await verify();
      } catch (cause) {
        await this.#undo();
        throw cause;
      }
      await this.commit();
      await this.#complete();
    } finally {
      this.#isWriting = false;
    }
  }

  /** Step 1: writes the parts down. Nothing follows from that. */
  async lay(id: string, parts: readonly (readonly Operation[])[]): Promise<void> {
    const client = this.#link.client;
    for (const [n, part] of parts.entries()) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- they are large: one at a time
      await client.multi([{ kind: 'create', path: partNode(id, n), data: formatPart(part) }]);
    }
  }

  /** Step 2: keeps all others from writing. */
  async freeze(id: string, parts: number): Promise<void> {
    for (;;) {
      /* oxlint-disable eslint/no-await-in-loop -- one attempt after another */
      await this.#until((state) => state === 'clean');
      try {
        await this.#link.client.multi([
          this.#step({ state: 'frozen', id, parts }),
          { kind: 'create', path: OWNER, data: Buffer.from(id), mode: 'ephemeral' },
        ]);
        await this.#refresh();
        return;
      } catch (cause) {
        if (!isOvertaken(cause)) throw cause;
        this.#isStale = true;
      }
      /* oxlint-enable eslint/no-await-in-loop */
    }
  }

  /** Step 3: from here on it counts. */
  async commit(): Promise<void> {
    if (this.#isStale) await this.#refresh();
    if (this.#state.state !== 'frozen') throw new ZookeeperError('bad-version', 'the large change was undone by another');
    const { id, parts } = this.#state;
    await this.#link.client.multi([this.#step({ state: 'committed', id, parts, next: 0 })]);
    await this.#refresh();
  }

  async #until(isFine: (state: JournalState['state']) => boolean): Promise<void> {
    for (;;) {
      /* oxlint-disable eslint/no-await-in-loop -- the state has to be looked at again and again */
      if (this.#isStale) await this.#refresh();
      if (isFine(this.#state.state)) return;
      const changed = new Promise<void>((resolve) => this.#waiting.push(resolve));
      const { client } = this.#link;
      const { value: owner } = await client.stat(OWNER, true);
      if (owner === undefined || (owner.owner === client.sessionName && !this.#isWriting)) await this.#recover();
      else await changed;
      /* oxlint-enable eslint/no-await-in-loop */
    }
  }

  /** The writer is gone: takes its place. Others may do so at the same time. */
  async #recover(): Promise<void> {
    await this.#refresh();
    try {
      if (this.#state.state === 'frozen') await this.#undo();
      else if (this.#state.state === 'committed') await this.#complete();
    } catch (cause) {
      if (!isOvertaken(cause)) throw cause;
      this.#isStale = true;
    }
  }

  async #complete(): Promise<void> {
    const { client } = this.#link;
    while (this.#state.state === 'committed' && this.#state.next < this.#state.parts) {
      const { id, parts, next } = this.#state;
      /* oxlint-disable eslint/no-await-in-loop -- part after part */
      const { value } = await client.data(partNode(id, next));
      if (value !== undefined) {
        await client.multi([this.#step({ state: 'committed', id, parts, next: next + 1 }), ...parsePart(value)]);
      }
      await this.#refresh();
      /* oxlint-enable eslint/no-await-in-loop */
    }
    await this.#undo();
  }

  /** Back to `clean`, and the parts away. */
  async #undo(): Promise<void> {
    if (this.#state.state === 'clean') return;
    const { id, parts } = this.#state;
    const { client } = this.#link;
    const { value: owner } = await client.stat(OWNER);
    await client.multi([
      this.#step({ state: 'clean' }),
      ...(owner === undefined ? [] : [{ kind: 'delete', path: OWNER } as const]),
    ]);
    await this.#refresh();
    for (let n = 0; n < parts; n++) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- few, and nobody waits for them
      await client.multi([{ kind: 'delete', path: partNode(id, n) }]).catch(() => {});
    }
  }

  #step(state: JournalState): Operation {
    return { kind: 'set', path: JOURNAL, data: Buffer.from(JSON.stringify(state)), version: this.#version };
  }

  async #refresh(): Promise<void> {
    this.#isStale = false;
    try {
      const { value } = await this.#link.client.data(JOURNAL, true);
      if (value === undefined) throw new ZookeeperError('no-node', `${JOURNAL} is missing`);
      this.#version = value.stat.version;
      this.#state = parseState(value);
    } catch (cause) {
      this.#isStale = true;
      throw cause;
    }
  }
}

/** Cuts operations into parts that fit into a request each; checks are left out, for nobody else writes meanwhile. */
export function split(client: ZookeeperClient, operations: readonly Operation[]): readonly (readonly Operation[])[] {
  const parts: Operation[][] = [];
  let bytes = PART_BYTES;
  for (const operation of operations) {
    if (operation.kind === 'check') continue;
    const weight = client.weigh([operation]);
    if (bytes + weight > PART_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    bytes += weight;
    parts.at(-1)?.push(operation);
  }
  return parts;
}

function partNode(id: string, n: number): string {
  return `${JOURNAL}/${id},${n}`;
}

function isOvertaken(cause: unknown): boolean {
  return (
    cause instanceof ZookeeperError &&
    (cause.fault === 'bad-version' || cause.fault === 'node-exists' || cause.fault === 'no-node')
  );
}

function parseState({ data }: NodeData): JournalState {
  const record = parseJson(data.toString());
  if (isJsonObject(record)) {
    const { state, id, parts, next } = record;
    if (state === 'clean') return { state };
    if (typeof id === 'string' && typeof parts === 'number') {
      if (state === 'frozen') return { state, id, parts };
      if (state === 'committed' && typeof next === 'number') return { state, id, parts, next };
    }
  }
  throw new ZookeeperError('refused', `${JOURNAL} holds no state: ${data.toString('utf8', 0, 60)}`);
}

/** One line for each operation: a letter, the path, and the data of those that have some. Neither holds a line break. */
function formatPart(part: readonly Operation[]): Buffer {
  const lines = part.map((operation) => {
    const text = 'data' in operation ? ` ${operation.data.toString()}` : '';
    return `${operation.kind} ${operation.path}${text}`;
  });
  return Buffer.from(lines.join('\n'));
}

function parsePart({ data }: NodeData): readonly Operation[] {
  return data
    .toString()
    .split('\n')
    .map((line): Operation => {
      const [kind, path = '', ...rest] = line.split(' ');
      const text = Buffer.from(rest.join(' '));
      if (kind === 'create' || kind === 'set') return { kind, path, data: text };
      return { kind: 'delete', path };
    });
}
