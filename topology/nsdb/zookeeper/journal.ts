import { isUtf8 } from 'node:buffer';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { NodeData } from './client/node.ts';
import { REQUEST_BYTES, type Operation } from './client/operation.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import { NsdbError } from '../nsdb-error.ts';
import { isLoss, isOffline } from './loss.ts';
import { JOURNAL, JOURNAL_OWNER, newIncarnation } from './tree.ts';
import type { Marked, Watches } from './watches.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/**
 * Where a change that is too large for one request stands.
 *
 * - `clean`: there is none
 * - `frozen`: nobody else may write; what the change rests on is looked at once more, and its parts are written down
 * - `committed`: it counts. Readers wait until all its parts are carried out, which anybody may do
 * - `unreadable`: somebody wrote there by hand, and parts of a large change are left that may count or not. Reading goes on
 */
export type JournalState =
  | { readonly state: 'clean' }
  | { readonly state: 'unreadable' }
  | { readonly state: 'frozen'; readonly id: string }
  | { readonly state: 'committed'; readonly id: string; readonly parts: number; readonly next: number };

/** What a journal needs of whoever keeps it. */
export interface JournalKeeper {
  readonly client: ZookeeperClient;
  readonly watches: Watches;
  /** Names a node that was written by hand. */
  malformed(path: string, why: string): void;
}

/** A state, and the version of the node that held it. */
interface Standing {
  readonly is: JournalState;
  readonly version: number;
}

/** Above the records of who wrote what. */
const RECORDS = '/zoom/0/objects/';
/** What one part may weigh; its text must fit into one node, its operations into one multi. */
const PART_BYTES = 450_000;

/**
 * Changes that are too large for one request, made as one all the same.
 *
 * Every multi that writes objects checks the version of the journal's node. A large change sets that node: from then on every other
 * multi fails, and its writer waits. It checks what it rests on, writes its parts down, sets the node again, which is the moment it
 * is made, and carries out its parts, each with a step of the node in one multi. Its last step takes the parts away. The node is
 * watched by every handle, and ZooKeeper tells of a watch before it answers with anything later: so no reader sees a part and not
 * the whole. A writer that dies leaves no `owner` node: then anybody undoes what was not committed, or completes what was.
 */
export class Journal implements Marked {
  readonly #link: JournalKeeper;
  #now: Standing = { is: { state: 'clean' }, version: 0 };
  /** How often the node is known to have changed, and how much of that has been read. */
  #marks = 1;
  #read = 0;
  #isWriting = false;
  /** Large changes of one handle are made one after another: behind this, the last so far is over. */
  #turn: Promise<unknown> = Promise.resolve();
  #recovering: Promise<void> | undefined;
  #reading: { readonly mark: number; readonly done: Promise<void> } | undefined;
  readonly #waiting: (() => void)[] = [];

  constructor(link: JournalKeeper) {
    this.#link = link;
    link.watches.add(JOURNAL, this);
    link.watches.add(JOURNAL_OWNER, this);
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
   * @param decide what to do. Nobody else writes meanwhile; what it rejects with ends the change, and nothing was changed
   */
  write(decide: () => Promise<readonly Operation[]>): Promise<void> {
    const turn = this.#turn.then(() => this.#writeNow(decide));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #writeNow(decide: () => Promise<readonly Operation[]>): Promise<void> {
    const id = newIncarnation();
    await this.clean(); // of what we may have left ourselves, too
    this.#isWriting = true;
    try {
      await this.freeze(id);
      try {
        const parts = split(this.#link.client, await decide());
        await this.lay(id, parts);
        await this.commit(parts.length);
      } catch (cause) {
        if (isLoss(cause) || isOffline(cause)) throw cause; // it may have been committed: whoever comes next undoes or completes it
        const now = this.#now;
        if (now.is.state === 'frozen' && now.is.id === id) await this.#clear(now);
        throw cause;
      }
      await this.#complete();
    } finally {
      this.#isWriting = false;
    }
  }

  /** Step 1: keeps all others from writing. */
  async freeze(id: string): Promise<void> {
    const { client } = this.#link;
    for (;;) {
      /* oxlint-disable eslint/no-await-in-loop -- one attempt after another */
      await this.#until((state) => state === 'clean');
      const { value: stranger } = await client.stat(JOURNAL_OWNER); // while the journal is clean, nobody's
      try {
        await client.multi([
          stepFrom(this.#now, { state: 'frozen', id }),
          ...(stranger === undefined ? [] : [{ kind: 'delete', path: JOURNAL_OWNER } as const]),
          { kind: 'create', path: JOURNAL_OWNER, data: Buffer.from(id), mode: 'ephemeral' },
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

  /** Step 2: writes the parts down. Nothing follows from that. */
  async lay(id: string, parts: readonly (readonly Operation[])[]): Promise<void> {
    const client = this.#link.client;
    for (const [n, part] of parts.entries()) {
      const creation: Operation = { kind: 'create', path: partNode(id, n), data: formatPart(part) };
      if (client.weigh([creation]) > REQUEST_BYTES) throw tooLarge(client, part, creation.data.length);
      // oxlint-disable-next-line eslint/no-await-in-loop -- they are large: one at a time
      await client.multi([creation]);
    }
  }

  /** Step 3: from here on it counts. Rejects with `bad-version` when somebody has undone it, or taken a part away. */
  async commit(parts: number): Promise<void> {
    if (this.#isStale) await this.#refresh();
    const now = this.#now;
    if (now.is.state !== 'frozen') throw new ZookeeperError('bad-version', 'the large change was undone by another');
    const { id } = now.is;
    const nodes = Array.from({ length: parts }, (_, n) => partNode(id, n));
    try {
      await this.#link.client.multi([
        stepFrom(now, { state: 'committed', id, parts, next: 0 }),
        ...nodes.map((path): Operation => ({ kind: 'check', path })),
      ]);
    } catch (cause) {
      const missing = isOvertaken(cause) ? nodes[(cause.index ?? 0) - 1] : undefined;
      throw missing === undefined ? cause : new ZookeeperError('bad-version', `${missing} was deleted by another`);
    }
    await this.#reread();
  }

  async #until(isFine: (state: JournalState['state']) => boolean): Promise<void> {
    for (;;) {
      /* oxlint-disable eslint/no-await-in-loop -- the state has to be looked at again and again */
      if (this.#isStale) await this.#refresh();
      if (isFine(this.#now.is.state)) return;
      if (this.#now.is.state === 'unreadable') {
        throw new NsdbError(
          'invalid',
          `${JOURNAL} cannot be read, and parts of a large change are left: nothing can be written`,
        );
      }
      const changed = new Promise<void>((resolve) => this.#waiting.push(resolve));
      const { client } = this.#link;
      const { value: owner } = await client.stat(JOURNAL_OWNER, true);
      // An owner that lives in no session was written by hand.
      const isDead = owner === undefined || owner.owner === '';
      if (isDead || (owner.owner === client.sessionName && !this.#isWriting)) await this.#recover();
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
      if (this.#now.is.state === 'frozen') await this.#clear(this.#now);
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
      /* oxlint-disable eslint/no-await-in-loop -- part after part */
      if (next === parts) {
        await this.#clear(now);
        continue;
      }
      const { value } = await client.data(partNode(id, next));
      const part = value && parsePart(value);
      if (part === undefined) await this.#reread();
      if (this.#now.version !== now.version) continue; // somebody else has carried it out
      if (part === undefined) this.#link.malformed(partNode(id, next), 'is no part of a large change; it was left out');
      await this.#carryOut(part ?? [], stepFrom(now, { state: 'committed', id, parts, next: next + 1 }));
      await this.#reread();
      /* oxlint-enable eslint/no-await-in-loop */
    }
  }

  /** Does a part's operations along with a step, but those that somebody has made impossible by hand; nothing, where another took the step. */
  async #carryOut(part: readonly Operation[], step: Operation): Promise<void> {
    const operations = [...part];
    for (;;) {
      try {
        // oxlint-disable-next-line eslint/no-await-in-loop -- again only without what failed
        await this.#link.client.multi([step, ...operations]);
        return;
      } catch (cause) {
        if (!(cause instanceof ZookeeperError) || cause.index === undefined) throw cause;
        if (cause.index === 0) return;
        const [failed] = operations.splice(cause.index - 1, 1);
        this.#link.malformed(
          failed?.path ?? '',
          `stood in the way of a large change (${cause.fault}); it was left as it is`,
        );
      }
    }
  }

  /** The last step, back to `clean`, unless another takes it; with it the owner and all parts go. */
  async #clear(now: Standing): Promise<void> {
    const { value } = await this.#link.client.children(JOURNAL);
    const names = (value?.names ?? []).filter((name) => `${JOURNAL}/${name}` === JOURNAL_OWNER || isPartName(name));
    const away = names.map((name): Operation => ({ kind: 'delete', path: `${JOURNAL}/${name}` }));
    await this.#carryOut(away, stepFrom(now, { state: 'clean' }));
    await this.#reread();
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
      if (value === undefined) throw new NsdbError('invalid', `${JOURNAL} is missing: nothing can be read or written`);
      const is = parseState(value) ?? (await this.#withoutState());
      if (mark < this.#read) return; // a later answer is in already
      this.#now = { is, version: value.stat.version };
      this.#read = mark;
    } catch (cause) {
      this.#marks++; // so that whoever comes next reads anew
      throw cause;
    }
  }

  /** What noise in place of a state comes to: it hides nothing where no part of a large change is there. */
  async #withoutState(): Promise<JournalState> {
    this.#link.malformed(JOURNAL, 'holds no state of the journal');
    const { value } = await this.#link.client.children(JOURNAL);
    return { state: value?.names.some(isPartName) === true ? 'unreadable' : 'clean' };
  }
}

/** Cuts operations into parts that fit into a request each; checks are left out, for nobody else writes meanwhile. */
export function split(client: ZookeeperClient, operations: readonly Operation[]): readonly (readonly Operation[])[] {
  const parts: Operation[][] = [];
  let bytes = PART_BYTES;
  for (const operation of operations) {
    if (operation.kind === 'check') continue;
    const weight = client.weigh([operation]);
    // Who wrote an object is known by its record's having been written along with it.
    const isRecord = operation.path.startsWith(RECORDS);
    if (bytes + weight > PART_BYTES && !(isRecord && bytes < PART_BYTES)) {
      parts.push([]);
      bytes = 0;
    }
    bytes += weight;
    parts.at(-1)?.push(operation);
  }
  return parts;
}

/** Why a part cannot be written down: more than one operation has as much data only with records, which are small. */
function tooLarge(client: ZookeeperClient, part: readonly Operation[], bytes: number): ZookeeperError {
  const path = part.toSorted((a, b) => client.weigh([b]) - client.weigh([a]))[0]?.path ?? JOURNAL;
  const sentence = `${path} takes ${bytes} bytes as a part of a large change; ${REQUEST_BYTES} are possible in one request`;
  return new ZookeeperError('too-large', sentence, undefined, path);
}

/** Sets the node, if it still stands as it did. */
function stepFrom({ version }: Standing, next: JournalState): Operation {
  return { kind: 'set', path: JOURNAL, data: Buffer.from(JSON.stringify(next)), version };
}

function partNode(id: string, n: number): string {
  return `${JOURNAL}/${id},${n}`;
}

/** Whether somebody else was faster. */
function isOvertaken(cause: unknown): cause is ZookeeperError {
  return cause instanceof ZookeeperError && ['bad-version', 'node-exists', 'no-node'].includes(cause.fault);
}

/** Whether a name under the journal's node is that of a part, `<change>,<number>`. */
export function isPartName(name: string): boolean {
  return /^[\w-]+,\d+$/.test(name);
}

/** Reads the journal's node; undefined where it holds no state. */
export function parseState({ data }: NodeData): JournalState | undefined {
  const record = parseJson(data.toString());
  if (isJsonObject(record)) {
    const { state, id, parts, next } = record;
    if (state === 'clean') return { state };
    if (state === 'frozen' && typeof id === 'string') return { state, id };
    if (state === 'committed' && typeof id === 'string' && typeof parts === 'number' && typeof next === 'number')
      return { state, id, parts, next };
  }
  return undefined;
}

/** One line for each operation: what to do, the path, and the data of those that have some; in base64 what is no line of text. */
function formatPart(part: readonly Operation[]): Buffer {
  const lines = part.map((operation) => {
    if (!('data' in operation)) return `${operation.kind} ${operation.path}`;
    const { kind, path, data } = operation;
    const isLine = isUtf8(data) && !data.includes('\n');
    return isLine ? `${kind} ${path} ${data.toString()}` : `${kind}64 ${path} ${data.toString('base64')}`;
  });
  return Buffer.from(lines.join('\n'));
}

/** Reads a part; undefined if it is none. */
function parsePart({ data }: NodeData): readonly Operation[] | undefined {
  const operations: Operation[] = [];
  for (const line of data.toString().split('\n')) {
    const [, word = '', path = '', text = ''] = /^(\w+) (\/[^ ]+)(?: (.*))?$/.exec(line) ?? [];
    if (word === 'delete') operations.push({ kind: word, path });
    else if (word === 'create' || word === 'set') operations.push({ kind: word, path, data: Buffer.from(text) });
    else if (word === 'create64') operations.push({ kind: 'create', path, data: Buffer.from(text, 'base64') });
    else if (word === 'set64') operations.push({ kind: 'set', path, data: Buffer.from(text, 'base64') });
    else return undefined;
  }
  return operations;
}
