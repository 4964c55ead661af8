import type { Operation } from './client/operation.ts';
import { NsdbError } from '../nsdb-error.ts';
import { JournalNode, type JournalKeeper } from './journal-node.ts';
import { creationOf, isPartName, parsePart, partNode, split } from './journal-parts.ts';
import { stepFrom, type JournalState, type Standing } from './journal-state.ts';
import { isLoss, isOffline } from './loss.ts';
import { JOURNAL, JOURNAL_OWNER, newIncarnation } from './tree.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/** How far a large change is: what decides it is under way, and may come to nothing; or it counts, whoever carries it out. */
export type WriteStage = 'deciding' | 'counts';

/**
 * Changes that are too large for one request, made as one all the same.
 *
 * Every multi that writes objects checks the version of the journal's node. A large change sets that node: from then on every other
 * multi fails, and its writer waits. It checks what it rests on, writes its parts down, sets the node again, which is the moment it
 * is made, and carries out its parts, each with a step of the node in one multi. Its last step takes the parts away. The node is
 * watched by every handle, and ZooKeeper tells of a watch before it answers with anything later: so no reader sees a part and not
 * the whole. A writer that dies leaves no `owner` node: then anybody undoes what was not committed, or completes what was.
 */
export class Journal {
  readonly #link: JournalKeeper;
  readonly #node: JournalNode;
  #isWriting = false;
  /** Large changes of one handle are made one after another: behind this, the last so far is over. */
  #turn: Promise<unknown> = Promise.resolve();
  #recovering: Promise<void> | undefined;

  constructor(link: JournalKeeper) {
    this.#link = link;
    this.#node = new JournalNode(link);
  }

  /** Whether what was read just now belongs to no half of a change. */
  get isQuiet(): boolean {
    return !this.#node.isStale && this.#node.now.is.state !== 'committed';
  }

  /** The check that a multi needs to write; after {@link clean}. */
  get fence(): Operation {
    return { kind: 'check', path: JOURNAL, version: this.#node.now.version };
  }

  /** What is known of the node is out of date. */
  mark(): void {
    this.#node.mark();
  }

  /** A session begins: watches the node. */
  async begin(): Promise<void> {
    await this.#node.reread();
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
   * @param reach hears how far it is
   */
  write(decide: () => Promise<readonly Operation[]>, reach?: (stage: WriteStage) => void): Promise<void> {
    const turn = this.#turn.then(() => this.#writeNow(decide, reach));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #writeNow(decide: () => Promise<readonly Operation[]>, reach?: (stage: WriteStage) => void): Promise<void> {
    const id = newIncarnation();
    await this.clean(); // of what we may have left ourselves, too
    this.#isWriting = true;
    try {
      await this.freeze(id);
      try {
        const parts = split(this.#link.client, await decide());
        await this.lay(id, parts);
        reach?.('deciding');
        await this.commit(parts.length);
        reach?.('counts');
      } catch (cause) {
        if (isLoss(cause) || isOffline(cause)) throw cause; // it may have been committed: whoever comes next undoes or completes it
        const now = this.#node.now;
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
          stepFrom(this.#node.now, { state: 'frozen', id }),
          ...(stranger === undefined ? [] : [{ kind: 'delete', path: JOURNAL_OWNER } as const]),
          { kind: 'create', path: JOURNAL_OWNER, data: Buffer.from(id), mode: 'ephemeral' },
        ]);
        await this.#node.reread();
        return;
      } catch (cause) {
        if (!isOvertaken(cause)) throw cause;
        this.#node.outdate();
      }
      /* oxlint-enable eslint/no-await-in-loop */
    }
  }

  /** Step 2: writes the parts down. Nothing follows from that. */
  async lay(id: string, parts: readonly (readonly Operation[])[]): Promise<void> {
    const client = this.#link.client;
    for (const [n, part] of parts.entries()) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- they are large: one at a time
      await client.multi([creationOf(client, partNode(id, n), part)]);
    }
  }

  /** Step 3: from here on it counts. Rejects with `bad-version` when somebody has undone it, or taken a part away. */
  async commit(parts: number): Promise<void> {
    if (this.#node.isStale) await this.#node.refresh();
    const now = this.#node.now;
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
    await this.#node.reread();
  }

  async #until(isFine: (state: JournalState['state']) => boolean): Promise<void> {
    for (;;) {
      /* oxlint-disable eslint/no-await-in-loop -- the state has to be looked at again and again */
      if (this.#node.isStale) await this.#node.refresh();
      if (isFine(this.#node.now.is.state)) return;
      if (this.#node.now.is.state === 'unreadable') {
        throw new NsdbError(
          'invalid',
          `${JOURNAL} cannot be read, and parts of a large change are left: nothing can be written`,
        );
      }
      const changed = this.#node.changed();
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
    await this.#node.reread();
    try {
      if (this.#node.now.is.state === 'frozen') await this.#clear(this.#node.now);
      else if (this.#node.now.is.state === 'committed') await this.#complete();
    } catch (cause) {
      if (!isOvertaken(cause)) throw cause;
      this.#node.outdate();
    }
  }

  async #complete(): Promise<void> {
    const { client } = this.#link;
    for (;;) {
      const now = this.#node.now;
      if (now.is.state !== 'committed') return;
      const { id, parts, next } = now.is;
      /* oxlint-disable eslint/no-await-in-loop -- part after part */
      if (next === parts) {
        await this.#clear(now);
        continue;
      }
      const { value } = await client.data(partNode(id, next));
      const part = value && parsePart(value);
      if (part === undefined) await this.#node.reread();
      if (this.#node.now.version !== now.version) continue; // somebody else has carried it out
      if (part === undefined) this.#link.malformed(partNode(id, next), 'is no part of a large change; it was left out');
      await this.#carryOut(part ?? [], stepFrom(now, { state: 'committed', id, parts, next: next + 1 }));
      await this.#node.reread();
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
    await this.#node.reread();
  }
}

/** Whether somebody else was faster. */
function isOvertaken(cause: unknown): cause is ZookeeperError {
  return cause instanceof ZookeeperError && ['bad-version', 'node-exists', 'no-node'].includes(cause.fault);
}
