import type { Client, ConnectionManager } from 'node-zookeeper-client';
import jute from 'node-zookeeper-client/lib/jute/index.js';
import { NO_NODE } from './answer-code.ts';
import type { ClientListener } from './client-listener.ts';
import type { ClientOptions, SessionKey } from './client-options.ts';
import { libraryClient } from './library-client.ts';
import { Pipeline } from './pipeline.ts';
import { OPCODE, requestOf } from './request.ts';
import { setWatches } from './set-watches.ts';

/** How long a server is looked for before that is told, in milliseconds. */
const PATIENCE = 1000;

// States of the library's connection manager.
const DISCONNECTED = 0;
const CONNECTED = 2;
const CLOSING = -1;
const CLOSED = -2;
const EXPIRED = -3;
const AUTH_FAILED = -4;

/** The connections of a session, one after another, and its end. Each is broken off when it does not answer in time. */
export class Connection {
  readonly manager: ConnectionManager;
  readonly pipeline: Pipeline;
  readonly #options: ClientOptions;
  readonly #listener: ClientListener;
  readonly #client: Client;
  #ticker: NodeJS.Timeout | undefined;
  #isOver = false;
  #failures = 0;
  /** When the connection broke; undefined while it stands, and when it was told that it stays away. */
  #lostAt: number | undefined;
  #socket: unknown;
  #socketSince = 0;

  /** @param listener that does not throw */
  constructor(options: ClientOptions, listener: ClientListener) {
    this.#options = options;
    this.#listener = listener;
    this.#client = libraryClient(options, (cause) => listener.report(cause));
    this.manager = this.#client.connectionManager;
    this.pipeline = new Pipeline(this.manager);
    this.manager.on('state', (state: number) => this.#became(state));
  }

  get session(): SessionKey {
    return { id: this.#client.getSessionId(), password: this.#client.getSessionPassword() };
  }

  /** Starts to connect, and to look after the connection. */
  connect(): void {
    this.#client.connect();
    this.#lostAt = performance.now();
    const tick = Math.max(10, Math.min(1000, this.#options.sessionTimeout / 12));
    this.#ticker = setInterval(() => this.#look(), tick);
  }

  /** Ends the session; where there is no connection, leaves it to its timeout. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    if (!this.pipeline.isUp) {
      this.abandon();
      return;
    }
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(() => this.manager.socket?.destroy(), Math.min(2000, this.#options.sessionTimeout));
      this.manager.on('state', (state: number) => {
        if (state !== CLOSED) return;
        clearTimeout(deadline);
        resolve();
      });
      this.#end();
      this.#client.close();
    });
  }

  /** Leaves the session to its timeout. Nothing is heard any more. */
  abandon(): void {
    if (this.#isOver) return;
    this.#end();
    const { manager } = this;
    manager.setState(CLOSING); // so that it does not connect anew
    manager.onSocketConnected = () => manager.socket?.destroy(); // where it was about to, all the same
    manager.socket?.destroy();
  }

  #end(): void {
    this.#isOver = true;
    clearInterval(this.#ticker);
    this.pipeline.close();
  }

  #became(state: number): void {
    if (this.#isOver) return;
    if (state === CONNECTED) {
      this.#failures = 0;
      this.#lostAt = undefined;
      setWatches(this.manager);
      this.pipeline.open();
      this.#listener.connected();
    } else if (state === DISCONNECTED) {
      this.manager.pendingBuffer = null; // half an answer is no beginning of the next connection's first
      const wasUp = this.pipeline.isUp;
      this.pipeline.close();
      if (wasUp) {
        this.#lostAt = performance.now();
        this.#listener.lost();
      } else {
        this.#failed();
      }
    } else if (state === EXPIRED || state === AUTH_FAILED) {
      this.#end();
      this.manager.socket?.destroy();
      this.#listener.expired();
    }
  }

  /** A server was tried in vain. */
  #failed(): void {
    const { socket, servers } = this.manager;
    if (socket !== undefined && socket.bytesWritten > 0 && socket.bytesRead === 0) this.#listener.refused();
    if (++this.#failures >= servers.length) this.#stayedAway();
  }

  #stayedAway(): void {
    if (this.#lostAt === undefined) return;
    this.#lostAt = undefined;
    this.#listener.unreachable();
  }

  /** The heartbeat and all deadlines: a connection that does not answer is broken off, and with it what waits there. */
  #look(): void {
    const now = performance.now();
    const { socket, sessionTimeout } = this.manager;
    if (socket !== this.#socket) {
      this.#socket = socket;
      this.#socketSince = now;
    }
    const { isUp, oldest, lastSent } = this.pipeline;
    if (!isUp) {
      if (now - this.#socketSince > sessionTimeout / 3) socket?.destroy();
      if (this.#lostAt !== undefined && now - this.#lostAt > PATIENCE) this.#stayedAway();
      return;
    }
    if (oldest !== undefined && now - oldest > sessionTimeout / 2) socket?.destroy();
    else if (now - lastSent > sessionTimeout / 4) this.#beat();
  }

  #beat(): void {
    const request = requestOf(OPCODE.exists, new jute.protocol.ExistsRequest(this.#options.root || '/', false));
    void this.pipeline.ask('/', request, [NO_NODE]).catch(() => {});
  }
}
