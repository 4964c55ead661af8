import { isJsonObject, parseJson } from '../../model/json.ts';
import type { NodeData, Operation, ZookeeperClient } from './client.ts';
import { JOURNAL, newIncarnation } from './tree.ts';
import type { Marked, Watches } from './watches.ts';
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

/** A state, and the version of the node that held it. */
interface Standing {
  readonly is: JournalState;
  readonly version: number;
}

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
  readonly #link: { readonly client: ZookeeperClient; readonly watches: Watches };
  #now: Standing = { is: { state: 'clean' }, version: 0 };
  /** How often the node is known to have changed, and how much of that has been read. */
  #marks = 1;
  #read = 0;
  #isWriting = false;
  #recovering: Promise<void> | undefined;
  #reading: { readonly mark: number; readonly done: Promise<void> } | undefined;
  readonly #waiting: (() => void)[] = [];

  constructor(link: { readonly client: ZookeeperClient; readonly watches: Watches }) {
    this.#link = link;
    link.watches.add(JOURNAL, this);
    link.watches.add(OWNER, this);
  }

  /** Whether what was read just now belongs to no half of a change. */
  get isQuiet(): boolean {
    return !this.#isStale && this.#now.is.state !== 'committed';
  }

  /** The check that a multi needs to write; after {@link clean}. */
  get fence(): Operation {
    return { kind: 'check', path: JOURNAL, version: this.#now.version };
  }

  mark(): void {
    this.#marks++;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** A session begins: watches the node. */
  async begin(): Promise<void> {
    await this.#reread();
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
        await this.#undo(this.#now);
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
          stepFrom(this.#now, { state: 'frozen', id, parts }),
          { kind: 'create', path: OWNER, data: Buffer.from(id), mode: 'ephemeral' },
        ]);
        await this.#reread();
        return;
      } catch (cause) {
        if (!isOvertaken(cause)) throw cause;
        this.#marks++;
      }
      /* oxlint-enable eslint/no-await-in-loop */
    }
  }

  /** Step 3: from here on it counts. */
  async commit(): Promise<void> {
    if (this.#isStale) await this.#refresh();
    const now = this.#now;
    if (now.is.state !== 'frozen') throw new ZookeeperError('bad-version', 'the large change was undone by another');
    const { id, parts } = now.is;
    await this.#link.client.multi([stepFrom(now, { state: 'committed', id, parts, next: 0 })]);
    await this.#reread();
  }

  async #until(isFine: (state: JournalState['state']) => boolean): Promise<void> {
    for (;;) {
      /* oxlint-disable eslint/no-await-in-loop -- the state has to be looked at again and again */
      if (this.#isStale) await this.#refresh();
      if (isFine(this.#now.is.state)) return;
      const changed = new Promise<void>((resolve) => this.#waiting.push(resolve));
      const { client } = this.#link;
      const { value: owner } = await client.stat(OWNER, true);
      if (owner === undefined || (owner.owner === client.sessionName && !this.#isWriting)) await this.#recover();
      else await changed;
      /* oxlint-enable eslint/no-await-in-loop */
    }
  }

  /** The writer is gone: takes its place. Others may do so at the same time, but not twice in one process. */
  #recover(): Promise<void> {
    this.#recovering ??= this.#recoverNow().finally(() => (this.#recovering = undefined));
    return this.#recovering;
  }

  async #recoverNow(): Promise<void> {
    await this.#reread();
    try {
      if (this.#now.is.state === 'frozen') await this.#undo(this.#now);
      else if (this.#now.is.state === 'committed') await this.#complete();
    } catch (cause) {
      if (!isOvertaken(cause)) throw cause;
      this.#marks++;
    }
  }

  async #complete(): Promise<void> {
    const { client } = this.#link;
    for (;;) {
      const now = this.#now;
      if (now.is.state !== 'committed') return;
      const { id, parts, next } = now.is;
      if (next === parts) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- the last step of all
        await this.#undo(now);
        return;
      }
      /* oxlint-disable eslint/no-await-in-loop -- part after part */
      const { value } = await client.data(partNode(id, next));
      if (value !== undefined) {
        await client.multi([stepFrom(now, { state: 'committed', id, parts, next: next + 1 }), ...parsePart(value)]);
      }
      await this.#reread();
      /* oxlint-enable eslint/no-await-in-loop */
    }
  }

  /** Back to `clean`, and the parts away. */
  async #undo(now: Standing): Promise<void> {
    if (now.is.state === 'clean') return;
    const { id, parts } = now.is;
    const { client } = this.#link;
    const { value: owner } = await client.stat(OWNER);
    await client.multi([
      stepFrom(now, { state: 'clean' }),
      ...(owner === undefined ? [] : [{ kind: 'delete', path: OWNER } as const]),
    ]);
    await this.#reread();
    for (let n = 0; n < parts; n++) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- few, and nobody waits for them
      await client.multi([{ kind: 'delete', path: partNode(id, n) }]).catch(() => {});
    }
  }

  get #isStale(): boolean {
    return this.#read < this.#marks;
  }

  /** Reads the node, once for all who ask. Until the answer is taken in, what was known counts as stale. */
  #refresh(): Promise<void> {
    if (this.#reading?.mark !== this.#marks) {
      this.#reading = { mark: this.#marks, done: this.#readNow(this.#marks) };
    }
    return this.#reading.done;
  }

  #reread(): Promise<void> {
    this.#marks++;
    return this.#refresh();
  }

  async #readNow(mark: number): Promise<void> {
    try {
      const { value } = await this.#link.client.data(JOURNAL, true);
      if (value === undefined) throw new ZookeeperError('no-node', `${JOURNAL} is missing`);
      if (mark < this.#read) return; // a later answer is in already
      this.#now = { is: parseState(value), version: value.stat.version };
      this.#read = mark;
    } catch (cause) {
      this.#marks++; // so that whoever comes next reads anew
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

/** Sets the node, if it still stands as it did. */
function stepFrom({ version }: Standing, next: JournalState): Operation {
  return { kind: 'set', path: JOURNAL, data: Buffer.from(JSON.stringify(next)), version };
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
