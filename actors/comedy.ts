/**
 * The one file that knows comedy. Everything else sees typed references and plain classes.
 *
 * What comedy does not promise, and our mailboxes and their run queue therefore add: a mailbox (its handlers overlap; ours are
 * synchronous and run one at a time), a bound (ours refuses what does not fit and says whose it was), an order between kinds of
 * message (its asks overtake its tells; we only tell), a word about errors in told handlers (ours reach a supervisor), and a turn
 * for the event loop (its cascades of sends never return to it). Between processes a message is JSON or a structured clone: bytes
 * cross in flat blocks.
 */
import comedy, { type Actor, type ActorRef, type ActorSystem } from 'comedy';
import { Mailbox, type Handlers, type Ref, type Supervisor } from './mailbox.ts';
import { RunQueue } from './run-queue.ts';

/** Where an actor belongs, and how much may wait at it. */
export interface StartOptions {
  /** The actor it is a child of; ends with it. */
  readonly parent?: Ref<never>;
  readonly limit?: number;
}

/** Messages that may wait at one actor. */
const MAILBOX_LIMIT = 65_536;

/**
 * Actors with a mailbox each and one run queue for all of them.
 *
 * comedy gives actors their names, their tree and their end of life. A message waits in the mailbox of its actor, first in first
 * out, and comedy carries one `drain` per burst of the whole stage.
 */
export class Stage {
  readonly #system: ActorSystem;
  readonly #supervisor: Supervisor;
  readonly #limit: number;
  readonly #seats = new Map<Ref<never>, Seat>();
  readonly #queue: RunQueue;
  #root: Promise<Actor> | undefined;
  #runner: ActorRef | undefined;

  constructor(supervisor: Supervisor, limit = MAILBOX_LIMIT) {
    process.env['BLUEBIRD_DEBUG'] ??= '0'; // under NODE_ENV=development it would print a warning for each message
    this.#system = comedy.createSystem({ config: {}, logger: NoLog });
    // comedy's own handlers end the process at once: the command that runs us decides how it ends
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its types leave these two out
    const { sigintHandler, sigtermHandler } = this.#system as unknown as Record<
      `sig${'int' | 'term'}Handler`,
      () => void
    >;
    process.removeListener('SIGINT', sigintHandler);
    process.removeListener('SIGTERM', sigtermHandler);
    this.#queue = new RunQueue(() => this.#wake(), supervisor);
    this.#supervisor = supervisor;
    this.#limit = limit;
  }

  /** True when no message waits and none is being handled. */
  get idle(): boolean {
    return this.#queue.idle;
  }

  /** Resolves when every message told so far, and those that they caused, have been handled. */
  whenIdle(): Promise<void> {
    return this.#queue.whenIdle();
  }

  /**
   * Starts an actor, under another one if given: parents keep fewer than a thousand children, or comedy's destroy crawls.
   * Its handlers are synchronous; one that throws is reported, and the next message is handled.
   */
  async start<P extends object>(name: string, behaviour: P, options: StartOptions = {}): Promise<Ref<P>> {
    const root = await this.#open();
    const parent = options.parent && this.#seats.get(options.parent);
    const seat = new Seat(behaviour, parent);
    await (parent?.actor ?? root).createChild(seat, { name });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type of `tell` has checked topic and message
    const mailbox = new Mailbox(name, behaviour as Handlers, options.limit ?? this.#limit, this.#queue.post);
    this.#seats.set(mailbox, seat);
    seat.mailbox = mailbox;
    parent?.children.add(seat);
    return mailbox;
  }

  /** Actors that have started and not ended. */
  get size(): number {
    return this.#seats.size;
  }

  /** Ends an actor and those under it. Messages that still wait at it are handled first. */
  async stop(ref: Ref<never>): Promise<void> {
    await this.whenIdle();
    const seat = this.#seats.get(ref);
    if (seat === undefined) return;
    if (seat.parent !== undefined) seat.parent.children.delete(seat);
    this.#vacate(seat);
    await seat.actor?.destroy();
  }

  #vacate(seat: Seat): void {
    if (seat.mailbox !== undefined) this.#seats.delete(seat.mailbox);
    for (const child of seat.children) this.#vacate(child);
  }

  async close(): Promise<void> {
    await this.#system.destroy();
  }

  /** The root of all, with the run queue under it. Made once. */
  #open(): Promise<Actor> {
    this.#root ??= (async () => {
      const root = await this.#system.rootActor();
      this.#runner = await root.createChild({ drain: () => this.#queue.drain() }, { name: 'run-queue' });
      return root;
    })();
    return this.#root;
  }

  #wake(): void {
    this.#runner?.send('drain').catch((cause: unknown) => this.#supervisor('run-queue', 'drain', cause));
  }
}

/** An actor's place in comedy's tree: it learns there what makes children and ends. */
class Seat {
  readonly behaviour: object;
  readonly parent: Seat | undefined;
  readonly children = new Set<Seat>();
  actor: Actor | undefined;
  mailbox: Ref<never> | undefined;

  constructor(behaviour: object, parent: Seat | undefined) {
    this.behaviour = behaviour;
    this.parent = parent;
  }

  initialize(self: Actor): void {
    this.actor = self;
  }
}

/** comedy's log goes nowhere: what matters reaches the supervisor. */
class NoLog {
  silly(): void {}
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(): void {}
  isDebug(): boolean {
    return false;
  }
}
