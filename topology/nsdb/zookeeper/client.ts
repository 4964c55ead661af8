/**
 * The one file that knows node-zookeeper-client. One object is one session: it ends with it.
 *
 * What the library does not do, and this file therefore does, is listed in docs/zookeeper-client.md, trap by trap.
 */
import { createHash } from 'node:crypto';
import zookeeper, { type Client, type ConnectionManager, type WatchEvent } from 'node-zookeeper-client';
import jute, { type RawStat, type Reply, type Request } from 'node-zookeeper-client/lib/jute/index.js';
import { millisOf, type Millis } from '../../model/time.ts';
import { ZookeeperError, type ZookeeperFault } from './zookeeper-error.ts';

/** What one request may weigh: the server's limit (`jute.maxbuffer`, 1 MiB less one), less its framing. */
export const REQUEST_BYTES = 1_048_000;

const PIPELINE = 256;
const SET_WATCHES_BYTES = 128 * 1024;
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

const [CREATE, DELETE, EXISTS, GET_DATA, SET_DATA, GET_ACL, SET_ACL, SYNC] = [1, 2, 3, 4, 5, 6, 7, 9];
const [GET_CHILDREN2, CHECK, MULTI, SET_WATCHES, ERROR] = [12, 13, 14, 101, -1];
const NO_NODE = -101;
const NODE_CHILDREN_CHANGED = 4;

const FAULTS: ReadonlyMap<number, ZookeeperFault> = new Map([
  [-4, 'connection-loss'],
  [NO_NODE, 'no-node'],
  [-102, 'no-auth'],
  [-103, 'bad-version'],
  [-110, 'node-exists'],
  [-111, 'not-empty'],
  [-112, 'connection-loss'],
]);

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** By what a session is known to the server. Secret: whoever has it can act in the session's name. */
export interface SessionKey {
  readonly id: Buffer;
  readonly password: Buffer;
}

export interface ClientOptions {
  /** `host:port,host:port`. */
  readonly servers: string;
  /** Put before every path; `` or `/a/b`. */
  readonly root: string;
  readonly credentials: Credentials;
  /** Asked for, in milliseconds of the world; the server may give another. */
  readonly sessionTimeout: number;
  /** Take up this session. */
  readonly session?: SessionKey;
  /** The last transaction that was seen before: a server that has not got that far does not let us in. */
  readonly seen?: number;
  /** Where the counter of requests begins. For tests. */
  readonly firstRequest?: number;
}

/** Hears how the connection does. A listener that throws is reported. */
export interface ClientListener {
  /** The session stands, and what was watched is watched again. */
  connected(): void;
  /** The connection broke; another server is being tried. */
  lost(): void;
  /** Since the connection broke each server was tried once in vain, or a second has passed. */
  unreachable(): void;
  /**
   * A server took the connection, and ended it without a word: so does one that serves nobody, and one that has not got as far as
   * had been seen.
   */
  refused(): void;
  /** The server says that the session is over. Nothing follows. */
  expired(): void;
  /** A watch has fired: what is at the path, or under it where `kind` is `children`, may differ. */
  changed(path: string, kind: 'data' | 'children'): void;
  report(cause: unknown): void;
}

/** What the server says of a node. Transaction numbers are exact up to 2^53. */
export interface NodeStat {
  readonly created: number;
  readonly createdAt: Millis;
  readonly modified: number;
  /** The time of that, by the server's clock, as of all others here. */
  readonly modifiedAt: Millis;
  /** The last transaction that made or removed a child. */
  readonly childrenModified: number;
  readonly version: number;
  readonly childCount: number;
  /** The session, in hexadecimal, of an ephemeral node; empty for others. */
  readonly owner: string;
}

/** An answer, and the last transaction that the server had seen when it gave it. */
export interface Read<T> {
  readonly value: T;
  readonly zxid: number;
}

export interface NodeData {
  readonly data: Buffer;
  readonly stat: NodeStat;
}

export interface NodeChildren {
  readonly names: readonly string[];
  readonly stat: NodeStat;
}

/** What somebody may do with a node. */
export interface NodeRight {
  /** `digest`, or how else it is told who somebody is. */
  readonly scheme: string;
  readonly id: string;
  /** Read 1, write 2, create 4, delete 8, administer 16. */
  readonly permissions: number;
}

export interface NodeRights {
  readonly rights: readonly NodeRight[];
  readonly stat: NodeStat;
}

/** One operation of a multi. Versions are those of the node; without one, any will do. */
export type Operation =
  | { readonly kind: 'create'; readonly path: string; readonly data: Buffer; readonly mode?: CreateMode }
  | { readonly kind: 'set'; readonly path: string; readonly data: Buffer; readonly version?: number }
  | { readonly kind: 'delete'; readonly path: string; readonly version?: number }
  | { readonly kind: 'check'; readonly path: string; readonly version?: number };

type CreateMode = 'persistent' | 'ephemeral' | 'ephemeral-sequential';
const MODES: Readonly<Record<CreateMode, number>> = { persistent: 0, ephemeral: 1, 'ephemeral-sequential': 3 };

interface Waiting {
  readonly request: Request;
  readonly settle: (error: (Error & { readonly code: number }) | null, reply: Reply) => void;
}

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
    this.#listener = listener;
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
    const request = requestOf(GET_DATA, new jute.protocol.GetDataRequest(full, watch));
    const { payload, zxid } = await this.#ask(path, request, [NO_NODE], (found) => {
      if (watch && found) this.#manager.registerDataWatcher(full, this.#onWatch);
    });
    const stat = payload?.stat;
    return { value: stat && { data: payload.data ?? Buffer.alloc(0), stat: statOf(stat) }, zxid };
  }

  /** The names of a node's children, sorted; `value` undefined where there is no node. */
  async children(path: string, watch = false): Promise<Read<NodeChildren | undefined>> {
    const full = this.#full(path);
    const request = requestOf(GET_CHILDREN2, new jute.protocol.GetChildren2Request(full, watch));
    const { payload, zxid } = await this.#ask(path, request, [NO_NODE], (found) => {
      if (watch && found) this.#manager.registerChildWatcher(full, this.#onWatch);
    });
    const stat = payload?.stat;
    return { value: stat && { names: (payload.children ?? []).toSorted(), stat: statOf(stat) }, zxid };
  }

  /** The stat of a node. A watch is set whether or not there is one. */
  async stat(path: string, watch = false): Promise<Read<NodeStat | undefined>> {
    const full = this.#full(path);
    const request = requestOf(EXISTS, new jute.protocol.ExistsRequest(full, watch));
    const { payload, zxid } = await this.#ask(path, request, [NO_NODE], (found) => {
      if (!watch) return;
      if (found) this.#manager.registerDataWatcher(full, this.#onWatch);
      else this.#manager.registerExistenceWatcher(full, this.#onWatch);
    });
    return { value: payload?.stat && statOf(payload.stat), zxid };
  }

  /** Who may do what with a node; `value` undefined where there is none. Rejects with `no-auth` where we may not even know that. */
  async rights(path: string): Promise<Read<NodeRights | undefined>> {
    const request = requestOf(GET_ACL, new jute.protocol.GetACLRequest(this.#full(path)));
    const { payload, zxid } = await this.#ask(path, request, [NO_NODE], () => {});
    const stat = payload?.stat;
    const rights = (payload?.acl ?? []).map(({ perms, id: { scheme, id } }) => ({ scheme, id, permissions: perms }));
    return { value: stat && { rights, stat: statOf(stat) }, zxid };
  }

  /** Leaves a node to our credentials alone, whoever had rights before. Rejects with `no-node`; with `no-auth` where that is not ours to do. */
  async claim(path: string): Promise<void> {
    const acl = zookeeper.ACL.CREATOR_ALL_ACL.map((right) => right.toRecord());
    const request = requestOf(SET_ACL, new jute.protocol.SetACLRequest(this.#full(path), acl, -1));
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
    const payload = new jute.TransactionRequest(operations.map((operation) => this.#raw(operation)));
    const { payload: answer } = await this.#ask('multi', requestOf(MULTI, payload), [], () => {});
    const results = answer?.results ?? [];
    const index = results.findIndex(({ type, err = 0 }) => type === ERROR && err !== 0);
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
      const operation = { ...this.#raw({ kind: 'create', path: '/', data: Buffer.alloc(0) }), path };
      const request = requestOf(MULTI, new jute.TransactionRequest([operation]));
      // oxlint-disable-next-line eslint/no-await-in-loop -- each is under the one before
      const { payload } = await this.#ask(path, request, [], () => {});
      const err = payload?.results?.[0]?.err ?? 0;
      if (payload?.results?.[0]?.type === ERROR && FAULTS.get(err) !== 'node-exists') throw errorOf(err, path);
    }
  }

  /** What a multi of these operations takes on the wire, rounded up. */
  weigh(operations: readonly Operation[]): number {
    let bytes = 64;
    for (const operation of operations) {
      bytes += 48 + this.#options.root.length + Buffer.byteLength(operation.path);
      if ('data' in operation) bytes += operation.data.length;
    }
    return bytes;
  }

  /**
   * Resolves when this client has heard of all that had been written, by anyone, when it was called: of each watch that fired, too. The
   * server catches up with its leader for it.
   *
   * @returns the last transaction that the server had seen
   */
  async sync(): Promise<number> {
    const request = requestOf(SYNC, new jute.protocol.GetACLRequest(this.#full('/'))); // a path alone, as `sync` has it
    const toBuffer = request.toBuffer.bind(request);
    request.toBuffer = () => {
      const bytes = toBuffer();
      request.header.type = DELETE; // the library cannot read an answer to `sync`; to a deletion it reads none
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
      settle(Object.assign(new Error('not sent'), { code: -4 }), {
        header: { zxid: Buffer.alloc(8), err: -4 },
        payload: null,
      });
    }
  }

  #became(state: number): void {
    if (this.#isOver) return;
    if (state === CONNECTED) {
      this.#failures = 0;
      this.#lostAt = undefined;
      this.#watchAgain();
      this.#isUp = true;
      this.#lastSent = Date.now();
      this.#tell(() => this.#listener.connected());
      this.#pump();
    } else if (state === DISCONNECTED) {
      this.#manager.pendingBuffer = null; // half an answer is no beginning of the next connection's first
      this.#sent.length = 0;
      const wasUp = this.#isUp;
      this.#isUp = false;
      if (wasUp) {
        this.#lostAt = Date.now();
        this.#refuseAll();
        this.#tell(() => this.#listener.lost());
      } else {
        const { socket } = this.#manager;
        if (socket !== undefined && socket.bytesWritten > 0 && socket.bytesRead === 0)
          this.#tell(() => this.#listener.refused());
        if (++this.#failures >= this.#manager.servers.length) this.#stayedAway();
      }
    } else if (state === EXPIRED || state === AUTH_FAILED) {
      this.#end();
      this.#manager.socket?.destroy();
      this.#tell(() => this.#listener.expired());
    }
  }

  #stayedAway(): void {
    if (this.#lostAt === undefined) return;
    this.#lostAt = undefined;
    this.#tell(() => this.#listener.unreachable());
  }

  /** Sets every watch again, in packets that the server takes; it tells at once what was missed. */
  #watchAgain(): void {
    const { watcherManager, zxid } = this.#manager;
    const lists = [
      watcherManager.getDataWatcherPaths(),
      watcherManager.getExistenceWatcherPaths(),
      watcherManager.getChildWatcherPaths(),
    ];
    const since = Buffer.from(zxid);
    let chunk: [string[], string[], string[]] = [[], [], []];
    let bytes = 0;
    const send = () => {
      const payload = new jute.protocol.SetWatches(since, ...chunk);
      if (bytes > 0) this.#manager.queue(requestOf(SET_WATCHES, payload));
      chunk = [[], [], []];
      bytes = 0;
    };
    for (const [kind, paths] of lists.entries()) {
      for (const path of paths) {
        chunk[kind]?.push(path);
        bytes += path.length + 4;
        if (bytes > SET_WATCHES_BYTES) send();
      }
    }
    send();
  }

  #fired({ type, path }: WatchEvent): void {
    const { root } = this.#options;
    const own = path.length === root.length ? '/' : path.slice(root.length);
    this.#tell(() => this.#listener.changed(own, type === NODE_CHILDREN_CHANGED ? 'children' : 'data'));
  }

  /** What a listener throws must not reach the library: it would end the process. */
  #tell(listener: () => void): void {
    try {
      listener();
    } catch (cause) {
      this.#listener.report(cause);
    }
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
        reject(errorOf(-4, what));
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

  /** As the library's encoder takes it: its own builder of multis takes version 0 for any. */
  #raw(operation: Operation): object {
    const path = this.#full(operation.path);
    switch (operation.kind) {
      case 'create':
        return {
          type: CREATE,
          path,
          data: operation.data,
          acls: zookeeper.ACL.CREATOR_ALL_ACL,
          mode: MODES[operation.mode ?? 'persistent'],
        };
      case 'set':
        return { type: SET_DATA, path, data: operation.data, version: operation.version ?? -1 };
      case 'delete':
        return { type: DELETE, path, version: operation.version ?? -1 };
      case 'check':
        return { type: CHECK, path, version: operation.version ?? -1 };
      default:
        return operation;
    }
  }
}

/** Ends a session that nobody holds any more, if it still stands. Resolves when it is over; rejects when no server answers in time. */
export function endSession(options: ClientOptions, session: SessionKey): Promise<void> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      client.abandon();
      reject(new ZookeeperError('connection-loss', 'the former session could not be ended: no server answered'));
    }, options.sessionTimeout);
    const over = () => {
      clearTimeout(deadline);
      resolve();
    };
    const client = new ZookeeperClient(
      { ...options, session },
      {
        connected: () => void client.close().then(over),
        expired: over,
        lost: () => {},
        unreachable: () => {},
        refused: () => {},
        changed: () => {},
        report: () => {},
      },
    );
    client.connect();
  });
}

function requestOf(type: number, payload: object): Request {
  return new jute.Request(new jute.protocol.RequestHeader(0, type), payload);
}

function statOf({ czxid, ctime, mzxid, mtime, pzxid, version, numChildren, ephemeralOwner }: RawStat): NodeStat {
  const owner = ephemeralOwner.toString('hex');
  return {
    created: numberOf(czxid),
    createdAt: millisOf(numberOf(ctime)),
    modified: numberOf(mzxid),
    modifiedAt: millisOf(numberOf(mtime)),
    childrenModified: numberOf(pzxid),
    version,
    childCount: numChildren,
    owner: owner === '0000000000000000' ? '' : owner,
  };
}

/** A 64-bit number of the wire; exact up to 2^53. */
function numberOf(bytes: Buffer): number {
  return bytes.readInt32BE(0) * 2 ** 32 + bytes.readUInt32BE(4);
}

function bytesOf(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(number));
  return bytes;
}

function errorOf(code: number, what: string, index?: number): ZookeeperError {
  const fault = FAULTS.get(code) ?? 'refused';
  return new ZookeeperError(fault, `${what}: ${fault} (${code})`, index, what);
}
