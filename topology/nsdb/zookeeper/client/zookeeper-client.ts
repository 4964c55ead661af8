import { createHash } from 'node:crypto';
import zookeeper, { type Client, type ConnectionManager, type WatchEvent } from 'node-zookeeper-client';
import jute, { type Reply, type Request } from 'node-zookeeper-client/lib/jute/index.js';
import { ZookeeperError } from '../zookeeper-error.ts';
import { CONNECTION_LOSS, errorOf, NO_NODE, NODE_EXISTS } from './answer-code.ts';
import { guarded, type ClientListener } from './client-listener.ts';
import type { ClientOptions, SessionKey } from './client-options.ts';
import { bytesOf, numberOf } from './int64.ts';
import {
  statOf,
  type NodeChildren,
  type NodeData,
  type NodeRight,
  type NodeRights,
  type NodeStat,
  type Read,
} from './node.ts';
import { encodable, REQUEST_BYTES, weightOf, type Operation } from './operation.ts';
import { OPCODE, requestOf } from './request.ts';
import { setWatches } from './set-watches.ts';

const PIPELINE = 256;
const SPIN_DELAY = 250;
const PATIENCE = 1000;
/** Where the counter of requests starts anew, long before it leaves 32 bits. */
const XID_LIMIT = 2 ** 31 - 2 ** 20;

// States of the library's connection manager.
const DISCONNECTED = 0;
const CONNECTED = 2;
const CLOSING = -1;
const CLOSED = -2;
const EXPIRED = -3;
const AUTH_FAILED = -4;

const NODE_CHILDREN_CHANGED = 4;

interface Waiting {
  readonly request: Request;
  readonly settle: (error: (Error & { readonly code: number }) | null, reply: Reply) => void;
}

/**
 * A session at ZooKeeper: it ends with this object.
 *
 * This folder is all that knows node-zookeeper-client. What the library does not do, and these files therefore do, is listed in
 * docs/zookeeper-client.md, trap by trap.
 */
export class ZookeeperClient {
  readonly #options: ClientOptions;
  readonly #listener: ClientListener;
  readonly #client: Client;
  readonly #manager: ConnectionManager;
  /** One function for every path: the library tells watchers apart by identity, and warns of more than ten. */
  readonly #onWatch = (event: WatchEvent) => this.#fired(event);
  readonly #queue: Waiting[] = [];
  /** When each request in flight was sent; they are answered in that order. */
  readonly #sent: number[] = [];
  #ticker: NodeJS.Timeout | undefined;
  #isUp = false;
  #isOver = false;
  #failures = 0;
  /** When the connection broke; undefined while it stands, and when it was told that it stays away. */
  #lostAt: number | undefined;
  #socket: unknown;
  #socketSince = 0;
  #lastSent = 0;

  constructor(options: ClientOptions, listener: ClientListener) {
    this.#options = options;
    this.#listener = guarded(listener);
    const { servers, sessionTimeout, session, credentials } = options;
    this.#client = zookeeper.createClient(servers, {
      sessionTimeout,
      spinDelay: SPIN_DELAY,
      ...(session && { sessionId: session.id, sessionPassword: session.password }),
    });
    this.#manager = this.#client.connectionManager;
    this.#manager.xid = options.firstRequest ?? 1;
    this.#manager.zxid = bytesOf(options.seen ?? 0);
    this.#manager.watcherManager.isEmpty = () => true; // the library would send all watches in one packet
    this.#manager.on('state', (state: number) => this.#became(state));
    this.#guardReading();
    this.#client.addAuthInfo('digest', Buffer.from(`${credentials.user}:${credentials.password}`));
  }

  /** Starts to connect, and to look after the connection. */
  connect(): void {
    this.#client.connect();
    this.#lostAt = Date.now();
    const tick = Math.max(10, Math.min(1000, this.#options.sessionTimeout / 12));
    this.#ticker = setInterval(() => this.#look(), tick);
  }

  get session(): SessionKey {
    return { id: this.#client.getSessionId(), password: this.#client.getSessionPassword() };
  }

  /** The session in hexadecimal, as in {@link NodeStat.owner}. */
  get sessionName(): string {
    return this.#client.getSessionId().toString('hex');
  }

  /** The one right that each node has which we make: all there is to do with it, for our credentials alone. */
  get ownRight(): NodeRight {
    const { user, password } = this.#options.credentials;
    const digest = createHash('sha1').update(`${user}:${password}`).digest('base64');
    return { scheme: 'digest', id: `${user}:${digest}`, permissions: 31 };
  }

  /** The last transaction that a server had seen when it answered us. */
  get seen(): number {
    return numberOf(this.#manager.zxid);
  }

  /** As the server gave it. */
  get sessionTimeout(): number {
    return this.#manager.sessionTimeout;
  }

  /** What is at a path; `value` undefined where there is no node. A watch is set only where there is one. */
  async data(path: string, watch = false): Promise<Read<NodeData | undefined>> {
    const full = this.#full(path);
    const request = requestOf(OPCODE.getData, new jute.protocol.GetDataRequest(full, watch));
    const { payload, zxid } = await this.#ask(path, request, [NO_NODE], (found) => {
      if (watch && found) this.#manager.registerDataWatcher(full, this.#onWatch);
    });
    const stat = payload?.stat;
    return { value: stat && { data: payload.data ?? Buffer.alloc(0), stat: statOf(stat) }, zxid };
  }

  /** The names of a node's children, sorted; `value` undefined where there is no node. */
  async children(path: string, watch = false): Promise<Read<NodeChildren | undefined>> {
    const full = this.#full(path);
    const request = requestOf(OPCODE.getChildren2, new jute.protocol.GetChildren2Request(full, watch));
    const { payload, zxid } = await this.#ask(path, request, [NO_NODE], (found) => {
      if (watch && found) this.#manager.registerChildWatcher(full, this.#onWatch);
    });
    const stat = payload?.stat;
    return { value: stat && { names: (payload.children ?? []).toSorted(), stat: statOf(stat) }, zxid };
  }

  /** The stat of a node. A watch is set whether or not there is one. */
  async stat(path: string, watch = false): Promise<Read<NodeStat | undefined>> {
    const full = this.#full(path);
    const request = requestOf(OPCODE.exists, new jute.protocol.ExistsRequest(full, watch));
    const { payload, zxid } = await this.#ask(path, request, [NO_NODE], (found) => {
      if (!watch) return;
      if (found) this.#manager.registerDataWatcher(full, this.#onWatch);
      else this.#manager.registerExistenceWatcher(full, this.#onWatch);
    });
    return { value: payload?.stat && statOf(payload.stat), zxid };
  }

  /** Who may do what with a node; `value` undefined where there is none. Rejects with `no-auth` where we may not even know that. */
  async rights(path: string): Promise<Read<NodeRights | undefined>> {
    const request = requestOf(OPCODE.getAcl, new jute.protocol.GetACLRequest(this.#full(path)));
    const { payload, zxid } = await this.#ask(path, request, [NO_NODE], () => {});
    const stat = payload?.stat;
    const rights = (payload?.acl ?? []).map(({ perms, id: { scheme, id } }) => ({ scheme, id, permissions: perms }));
    return { value: stat && { rights, stat: statOf(stat) }, zxid };
  }

  /** Leaves a node to our credentials alone, whoever had rights before. Rejects with `no-node`; with `no-auth` where that is not ours to do. */
  async claim(path: string): Promise<void> {
    const acl = zookeeper.ACL.CREATOR_ALL_ACL.map((right) => right.toRecord());
    const request = requestOf(OPCODE.setAcl, new jute.protocol.SetACLRequest(this.#full(path), acl, -1));
    await this.#ask(path, request, [], () => {});
  }

  /**
   * Does all operations, or none.
   *
   * @returns for each operation the path of the node it made, else the empty text
   * @throws ZookeeperError whose `index` names the operation that failed; `too-large`, where nothing was sent
   */
  async multi(operations: readonly Operation[]): Promise<readonly string[]> {
    const bytes = this.weigh(operations);
    if (bytes > REQUEST_BYTES) {
      throw new ZookeeperError('too-large', `${bytes} bytes in one request; ${REQUEST_BYTES} are possible`);
    }
    const payload = new jute.TransactionRequest(
      operations.map((operation) => encodable(operation, this.#full(operation.path))),
    );
    const { payload: answer } = await this.#ask('multi', requestOf(OPCODE.multi, payload), [], () => {});
    const results = answer?.results ?? [];
    const index = results.findIndex(({ type, err = 0 }) => type === OPCODE.error && err !== 0);
    if (index !== -1) {
      const path = operations[index]?.path ?? '';
      throw errorOf(results[index]?.err ?? 0, path, index);
    }
    return results.map(({ path = '' }) => path.slice(path.lastIndexOf('/') + 1));
  }

  /** Makes the root, and what is above it, where missing. */
  async plantRoot(): Promise<void> {
    const parts = this.#options.root.split('/').slice(1);
    for (let depth = 1; depth <= parts.length; depth++) {
      const path = `/${parts.slice(0, depth).join('/')}`;
      const creation = encodable({ kind: 'create', path, data: Buffer.alloc(0) }, path);
      const request = requestOf(OPCODE.multi, new jute.TransactionRequest([creation]));
      // oxlint-disable-next-line eslint/no-await-in-loop -- each is under the one before
      const { payload } = await this.#ask(path, request, [], () => {});
      const err = payload?.results?.[0]?.err ?? 0;
      if (payload?.results?.[0]?.type === OPCODE.error && err !== NODE_EXISTS) throw errorOf(err, path);
    }
  }

  /** What a multi of these operations takes on the wire, rounded up. */
  weigh(operations: readonly Operation[]): number {
    return weightOf(operations, this.#options.root.length);
  }

  /**
   * Resolves when this client has heard of all that had been written, by anyone, when it was called: of each watch that fired, too. The
   * server catches up with its leader for it.
   *
   * @returns the last transaction that the server had seen
   */
  async sync(): Promise<number> {
    const request = requestOf(OPCODE.sync, new jute.protocol.GetACLRequest(this.#full('/'))); // a path alone, as `sync` has it
    const toBuffer = request.toBuffer.bind(request);
    request.toBuffer = () => {
      const bytes = toBuffer();
      request.header.type = OPCODE.delete; // the library cannot read an answer to `sync`; to a deletion it reads none
      return bytes;
    };
    return (await this.#ask('sync', request, [], () => {})).zxid;
  }

  /**
   * Resolves when the server we are connected to has all that had been written, by anyone, when this was called. It is a write that
   * changes nothing, and so needs most of the servers: unlike {@link sync}, which a leader that was cut off may answer too.
   */
  async barrier(): Promise<void> {
    await this.multi([{ kind: 'check', path: '/' }]);
  }

  /** Ends the session; where there is no connection, leaves it to its timeout. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    if (!this.#isUp) {
      this.abandon();
      return;
    }
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(() => this.#manager.socket?.destroy(), Math.min(2000, this.#options.sessionTimeout));
      this.#manager.on('state', (state: number) => {
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
    const manager = this.#manager;
    manager.setState(CLOSING); // so that it does not connect anew
    manager.onSocketConnected = () => manager.socket?.destroy(); // where it was about to, all the same
    manager.socket?.destroy();
  }

  /** What cannot be read breaks the connection; thrown from the socket's event, it would end the process. */
  #guardReading(): void {
    const manager = this.#manager;
    const read = manager.onSocketData.bind(manager);
    manager.onSocketData = (chunk) => {
      try {
        read(chunk);
      } catch (cause) {
        this.#listener.report(cause);
        manager.socket?.destroy();
      }
    };
  }

  #end(): void {
    this.#isOver = true;
    this.#isUp = false;
    clearInterval(this.#ticker);
    this.#refuseAll();
  }

  #refuseAll(): void {
    for (const { settle } of this.#queue.splice(0)) {
      settle(Object.assign(new Error('not sent'), { code: CONNECTION_LOSS }), {
        header: { zxid: Buffer.alloc(8), err: CONNECTION_LOSS },
        payload: null,
      });
    }
  }

  #became(state: number): void {
    if (this.#isOver) return;
    if (state === CONNECTED) {
      this.#failures = 0;
      this.#lostAt = undefined;
      setWatches(this.#manager);
      this.#isUp = true;
      this.#lastSent = Date.now();
      this.#listener.connected();
      this.#pump();
    } else if (state === DISCONNECTED) {
      this.#manager.pendingBuffer = null; // half an answer is no beginning of the next connection's first
      this.#sent.length = 0;
      const wasUp = this.#isUp;
      this.#isUp = false;
      if (wasUp) {
        this.#lostAt = Date.now();
        this.#refuseAll();
        this.#listener.lost();
      } else {
        const { socket } = this.#manager;
        if (socket !== undefined && socket.bytesWritten > 0 && socket.bytesRead === 0) this.#listener.refused();
        if (++this.#failures >= this.#manager.servers.length) this.#stayedAway();
      }
    } else if (state === EXPIRED || state === AUTH_FAILED) {
      this.#end();
      this.#manager.socket?.destroy();
      this.#listener.expired();
    }
  }

  #stayedAway(): void {
    if (this.#lostAt === undefined) return;
    this.#lostAt = undefined;
    this.#listener.unreachable();
  }

  #fired({ type, path }: WatchEvent): void {
    const { root } = this.#options;
    const own = path.length === root.length ? '/' : path.slice(root.length);
    this.#listener.changed(own, type === NODE_CHILDREN_CHANGED ? 'children' : 'data');
  }

  /** The heartbeat and all deadlines: a connection that does not answer is broken off, and with it what waits there. */
  #look(): void {
    const now = Date.now();
    const { socket, sessionTimeout } = this.#manager;
    if (socket !== this.#socket) {
      this.#socket = socket;
      this.#socketSince = now;
    }
    if (!this.#isUp) {
      if (now - this.#socketSince > sessionTimeout / 3) socket?.destroy();
      if (this.#lostAt !== undefined && now - this.#lostAt > PATIENCE) this.#stayedAway();
      return;
    }
    const [oldest] = this.#sent;
    if (oldest !== undefined && now - oldest > sessionTimeout / 2) socket?.destroy();
    else if (now - this.#lastSent > sessionTimeout / 4) void this.stat('/').catch(() => {});
  }

  #ask(
    what: string,
    request: Request,
    expected: readonly number[],
    answered: (found: boolean) => void,
  ): Promise<{ readonly payload: Reply['payload']; readonly zxid: number }> {
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
    while (this.#isUp && this.#sent.length < PIPELINE) {
      if (this.#manager.xid > XID_LIMIT) {
        if (this.#manager.pendingQueue.length > 0) return;
        this.#manager.xid = 1;
      }
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#lastSent = Date.now();
      this.#sent.push(this.#lastSent);
      this.#manager.queue(next.request, (error, reply) => {
        this.#sent.shift();
        next.settle(error, reply);
        this.#pump();
      });
    }
  }

  #full(path: string): string {
    const { root } = this.#options;
    return root === '' ? path : path === '/' ? root : root + path;
  }
}
