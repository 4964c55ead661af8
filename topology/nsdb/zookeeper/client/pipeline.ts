import type { ConnectionManager } from 'node-zookeeper-client';
import type { Reply, Request } from 'node-zookeeper-client/lib/jute/index.js';
import { CONNECTION_LOSS, errorOf } from './answer-code.ts';
import { numberOf } from './int64.ts';

/** How many requests may be under way: 256 are as fast as 1024, with a fifth of the latency. */
const DEPTH = 256;
/** Where the counter of requests starts anew, long before it leaves 32 bits. */
const XID_LIMIT = 2 ** 31 - 2 ** 20;

export interface Answer {
  /** Null where the answer was one of the errors that were expected. */
  readonly payload: Reply['payload'];
  /** The last transaction that the server had seen. */
  readonly zxid: number;
}

interface Waiting {
  readonly request: Request;
  readonly settle: (error: (Error & { readonly code: number }) | null, reply: Reply) => void;
}

/** Hands requests to the library while there is a connection, so many at a time; what waits here can still be refused. */
export class Pipeline {
  readonly #manager: ConnectionManager;
  readonly #queue: Waiting[] = [];
  /** When each request in flight was sent; they are answered in that order. */
  readonly #sent: number[] = [];
  #isUp = false;
  #lastSent = 0;

  constructor(manager: ConnectionManager) {
    this.#manager = manager;
  }

  /** Whether requests are taken. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** When the oldest request was sent that was not answered yet. */
  get oldest(): number | undefined {
    return this.#sent[0];
  }

  /** When a request was sent last, or the connection stood. */
  get lastSent(): number {
    return this.#lastSent;
  }

  /** There is a connection. */
  open(): void {
    this.#isUp = true;
    this.#lastSent = performance.now();
  }

  /** There is none any more: what waits is refused. What is under way, the library answers. */
  close(): void {
    this.#isUp = false;
    this.#sent.length = 0;
    for (const { settle } of this.#queue.splice(0)) {
      settle(Object.assign(new Error('not sent'), { code: CONNECTION_LOSS }), {
        header: { zxid: Buffer.alloc(8), err: CONNECTION_LOSS },
        payload: null,
      });
    }
  }

  /**
   * Asks the server.
   *
   * @param what a path, or the name of the call, for errors
   * @param expected codes that are no errors
   * @param answered is called at once with the answer, before the next is read: `found` where it was none of the expected codes
   * @throws ZookeeperError
   */
  ask(
    what: string,
    request: Request,
    expected: readonly number[] = [],
    answered: (found: boolean) => void = () => {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const settle: Waiting['settle'] = (error, reply) => {
        if (error !== null && !expected.includes(error.code)) {
          reject(errorOf(error.code, what));
          return;
        }
        answered(error === null);
        resolve({ payload: error === null ? reply.payload : null, zxid: numberOf(reply.header.zxid) });
      };
      if (!this.#isUp) {
        reject(errorOf(CONNECTION_LOSS, what));
        return;
      }
      this.#queue.push({ request, settle });
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#isUp && this.#sent.length < DEPTH) {
      if (this.#manager.xid > XID_LIMIT) {
        if (this.#manager.pendingQueue.length > 0) return;
        this.#manager.xid = 1;
      }
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#lastSent = performance.now();
      this.#sent.push(this.#lastSent);
      this.#manager.queue(next.request, (error, reply) => {
        this.#sent.shift();
        next.settle(error, reply);
        this.#pump();
      });
    }
  }
}
