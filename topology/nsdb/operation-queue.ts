import { NsdbError } from './nsdb-error.ts';

type MaybePromise<T> = T | Promise<T>;

/** The operations of a transaction, which are carried out in the order in which they were asked for, when somebody reads. */
export class OperationQueue {
  #asked: (() => MaybePromise<void>)[] = [];
  #work: Promise<unknown> = Promise.resolve();
  #failure: Error | undefined;

  ask(operation: () => MaybePromise<void>): void {
    this.#asked.push(operation);
  }

  /** Does the synchronous part of an operation; what goes wrong in it waits for its turn. */
  attempt<T>(part: () => T): T | undefined {
    try {
      return part();
    } catch (cause) {
      this.#asked.push(() => {
        throw cause;
      });
      return undefined;
    }
  }

  /** Answers a read when all that was asked for before it is done. The first failure is every later one's too. */
  read<T>(answer: () => Promise<T>): Promise<T> {
    const asked = this.#asked;
    this.#asked = [];
    const result = this.#turn(this.#work, asked, answer);
    this.#work = Promise.allSettled([result]);
    return result;
  }

  async #turn<T>(
    before: Promise<unknown>,
    asked: readonly (() => MaybePromise<void>)[],
    answer: () => Promise<T>,
  ): Promise<T> {
    await before;
    if (this.#failure !== undefined) throw this.#failure;
    try {
      // oxlint-disable-next-line eslint/no-await-in-loop -- each operation rests on the ones before it
      for (const operation of asked) await operation();
    } catch (cause) {
      this.#failure = errorOf(cause);
      throw cause;
    }
    try {
      return await answer();
    } catch (cause) {
      if (cause instanceof NsdbError && cause.fault === 'concurrent-modification') this.#failure = cause;
      throw cause;
    }
  }
}

function errorOf(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
