/**
 * The one file that knows comedy. Everything else sees typed references and plain classes.
 *
 * What comedy does not promise, and this file therefore adds: a mailbox (its handlers overlap; ours are synchronous and run one at
 * a time), a bound (ours refuses what does not fit and says whose it was), an order between kinds of message (its asks overtake
 * its tells; we only tell), a word about errors in told handlers (ours reach a supervisor), and a turn for the event loop (its
 * cascades of sends never return to it). Between processes a message is JSON or a structured clone: bytes cross in flat blocks.
 */
import comedy, { type Actor, type ActorRef, type ActorSystem } from 'comedy';

type Message<Handler> = Handler extends (message: infer M) => unknown ? M : never;

/** A way to reach an actor that answers to `P`: one method per topic, one argument per method. */
export interface Ref<P> {
  /** Posts and forgets; false when the mailbox is full. Messages to one actor are handled in the order they were told. */
  tell<T extends keyof P & string>(topic: T, message: Message<P[T]>): boolean;
}

/** Hears of what went wrong in an actor: a message refused, or a handler that threw. */
export type Supervisor = (actor: string, topic: string, cause: unknown) => void;

/** Where an actor belongs, and how much may wait at it. */
export interface StartOptions {
  /** The actor it is a child of; ends with it. */
  readonly parent?: Ref<never>;
  readonly limit?: number;
}

/** What a full mailbox says to the supervisor. */
export class MailboxFull extends Error {
  override readonly name = 'MailboxFull';
}

/** Messages handled before the event loop gets its turn, so that a loop in the network starves no heartbeat. */
const BUDGET = 1024;
/** Messages that may wait at one actor. */
const MAILBOX_LIMIT = 65_536;

type Handlers = Record<string, (message: unknown) => void>;

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
  #root: Promise<Actor> | undefined;
  #runner: ActorRef | undefined;
  #ready: Mailbox[] = [];
  #awake = false;
  #waiters: (() => void)[] = [];

  constructor(supervisor: Supervisor, limit = MAILBOX_LIMIT) {
    process.env['BLUEBIRD_DEBUG'] ??= '0'; // under NODE_ENV=development it would print a warning for each message
    this.#system = comedy.createSystem({ config: {}, logger: Quiet });
    // comedy's own handlers end the process at once: the command that runs us decides how it ends
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its types leave these two out
    const { sigintHandler, sigtermHandler } = this.#system as unknown as Record<
      `sig${'int' | 'term'}Handler`,
      () => void
    >;
    process.removeListener('SIGINT', sigintHandler);
    process.removeListener('SIGTERM', sigtermHandler);
    this.#supervisor = supervisor;
    this.#limit = limit;
  }

  /** True when no message waits and none is being handled. */
  get idle(): boolean {
    return !this.#awake;
  }

  /** Resolves when every message told so far, and those that they caused, have been handled. */
  whenIdle(): Promise<void> {
    if (this.idle) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
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
    const mailbox = new Mailbox(name, behaviour as Handlers, options.limit ?? this.#limit, this.#post);
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
      this.#runner = await root.createChild({ drain: () => this.#drain() }, { name: 'run-queue' });
      return root;
    })();
    return this.#root;
  }

  readonly #post = (mailbox: Mailbox, topic: string, message: unknown): boolean => {
    if (mailbox.length >= mailbox.limit) {
      const full = new MailboxFull(`the mailbox of ${mailbox.name} is full (${mailbox.limit})`);
      this.#supervisor(mailbox.name, topic, full);
      return false;
    }
    if (mailbox.push(topic, message) === 1) this.#ready.push(mailbox);
    if (!this.#awake) {
      this.#awake = true;
      this.#wake();
    }
    return true;
  };

  #wake(): void {
    this.#runner?.send('drain').catch((cause: unknown) => this.#supervisor('run-queue', 'drain', cause));
  }

  #drain(): void {
    let budget = BUDGET;
    for (let at = 0; at < this.#ready.length; at++) {
      const mailbox = this.#ready[at];
      while (mailbox?.handleNext(this.#supervisor)) {
        if (--budget === 0) {
          this.#ready = this.#ready.slice(at);
          setImmediate(() => this.#wake());
          return;
        }
      }
    }
    this.#ready.length = 0;
    this.#awake = false;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}

/**
 * A first-in first-out queue of an actor's messages, and the reference others hold. Its arrays stay as long as they are, so that an
 * actor that is told one thing at a time costs no new ones; but not as long as a flood once made them.
 */
class Mailbox implements Ref<never> {
  readonly name: string;
  readonly limit: number;
  readonly #handlers: Handlers;
  readonly #post: (mailbox: Mailbox, topic: string, message: unknown) => boolean;
  #topics: string[] = [];
  #messages: unknown[] = [];
  #head = 0;
  #tail = 0;

  constructor(
    name: string,
    handlers: Handlers,
    limit: number,
    post: (mailbox: Mailbox, topic: string, message: unknown) => boolean,
  ) {
    this.name = name;
    this.limit = limit;
    this.#handlers = handlers;
    this.#post = post;
  }

  get length(): number {
    return this.#tail - this.#head;
  }

  tell(topic: string, message: unknown): boolean {
    return this.#post(this, topic, message);
  }

  push(topic: string, message: unknown): number {
    this.#topics[this.#tail] = topic;
    this.#messages[this.#tail++] = message;
    return this.length;
  }

  /** Handles one message; false when there was none. */
  handleNext(supervisor: Supervisor): boolean {
    if (this.#head === this.#tail) return false;
    const topic = this.#topics[this.#head] ?? '';
    const message = this.#messages[this.#head];
    this.#messages[this.#head++] = undefined; // or it would live until another takes its place
    if (this.#head === this.#tail) this.#head = this.#tail = 0;
    else if (this.#head === BUDGET) this.#moveUp();
    try {
      this.#handlers[topic]?.(message);
    } catch (cause) {
      supervisor(this.name, topic, cause);
    }
    return true;
  }

  #moveUp(): void {
    this.#topics = this.#topics.slice(this.#head, this.#tail);
    this.#messages = this.#messages.slice(this.#head, this.#tail);
    this.#tail -= this.#head;
    this.#head = 0;
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
class Quiet {
  silly(): void {}
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(): void {}
  isDebug(): boolean {
    return false;
  }
}
