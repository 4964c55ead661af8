type Message<Handler> = Handler extends (message: infer M) => unknown ? M : never;

/** A way to reach an actor that answers to `P`: one method per topic, one argument per method. */
export interface Ref<P> {
  /** Posts and forgets; false when the mailbox is full. Messages to one actor are handled in the order they were told. */
  tell<T extends keyof P & string>(topic: T, message: Message<P[T]>): boolean;
}

/** Hears of what went wrong in an actor: a message refused, or a handler that threw. */
export type Supervisor = (actor: string, topic: string, cause: unknown) => void;

/** What a full mailbox says to the supervisor. */
export class MailboxFull extends Error {
  override readonly name = 'MailboxFull';
}

export type Handlers = Record<string, (message: unknown) => void>;

/** Puts a message into a mailbox, and sees to it that it is handled; false when the mailbox is full. */
export type Post = (mailbox: Mailbox, topic: string, message: unknown) => boolean;

/** Messages handled after which the room they took is given back, however many wait. */
const MOST_HANDLED = 1024;

/**
 * A first-in first-out queue of an actor's messages, and the reference others hold. Its arrays stay as long as they are, so that an
 * actor that is told one thing at a time costs no new ones; but not as long as a flood once made them.
 */
export class Mailbox implements Ref<never> {
  readonly name: string;
  readonly limit: number;
  readonly #handlers: Handlers;
  readonly #post: Post;
  #topics: string[] = [];
  #messages: unknown[] = [];
  #head = 0;
  #tail = 0;

  constructor(name: string, handlers: Handlers, limit: number, post: Post) {
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
    else if (this.#head === MOST_HANDLED) this.#moveUp();
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
