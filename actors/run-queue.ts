import { MailboxFull, type Mailbox, type Post, type Supervisor } from './mailbox.ts';

/** Messages handled before the event loop gets its turn, so that a loop in the network starves no heartbeat. */
const BUDGET = 1024;

/**
 * Which mailboxes have something for their actors, in the order in which they came to have it: one queue for all. A burst, from the first
 * message to the last that it caused, needs to be woken once for each {@link BUDGET} of messages.
 */
export class RunQueue {
  readonly #wake: () => void;
  readonly #supervisor: Supervisor;
  #ready: Mailbox[] = [];
  #awake = false;
  #waiters: (() => void)[] = [];

  /** @param wake has {@link drain} called, soon */
  constructor(wake: () => void, supervisor: Supervisor) {
    this.#wake = wake;
    this.#supervisor = supervisor;
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

  readonly post: Post = (mailbox, topic, message) => {
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

  /** Handles all messages, or as many as there may be before the event loop has its turn. */
  drain(): void {
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
