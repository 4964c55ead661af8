import { createHash } from 'node:crypto';
import zookeeper, { type WatchEvent } from 'node-zookeeper-client';
import jute from 'node-zookeeper-client/lib/jute/index.js';
import { ZookeeperError } from '../zookeeper-error.ts';
import { errorOf, NO_NODE, NODE_EXISTS } from './answer-code.ts';
import { guarded, type ClientListener } from './client-listener.ts';
import type { ClientOptions, SessionKey } from './client-options.ts';
import { Connection } from './connection.ts';
import { numberOf } from './int64.ts';
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

/** A kind of event of the library's. */
const NODE_CHILDREN_CHANGED = 4;

/**
 * A session at ZooKeeper: it ends with this object.
 *
 * This folder is all that knows node-zookeeper-client. What the library does not do, and these files therefore do, is listed in
 * docs/zookeeper-client.md, trap by trap.
 */
export class ZookeeperClient {
  readonly #options: ClientOptions;
  readonly #listener: ClientListener;
  readonly #connection: Connection;
  /** One function for every path: the library tells watchers apart by identity, and warns of more than ten. */
  readonly #onWatch = (event: WatchEvent) => this.#fired(event);

  constructor(options: ClientOptions, listener: ClientListener) {
    this.#options = options;
    this.#listener = guarded(listener);
    this.#connection = new Connection(options, this.#listener);
  }

  /** Starts to connect, and to look after the connection. */
  connect(): void {
    this.#connection.connect();
  }

  get session(): SessionKey {
    return this.#connection.session;
  }

  /** The session in hexadecimal, as in {@link NodeStat.owner}. */
  get sessionName(): string {
    return this.session.id.toString('hex');
  }

  /** The one right that each node has which we make: all there is to do with it, for our credentials alone. */
  get ownRight(): NodeRight {
    const { user, password } = this.#options.credentials;
    const digest = createHash('sha1').update(`${user}:${password}`).digest('base64');
    return { scheme: 'digest', id: `${user}:${digest}`, permissions: 31 };
  }

  /** The last transaction that a server had seen when it answered us. */
  get seen(): number {
    return numberOf(this.#connection.manager.zxid);
  }

  /** As the server gave it. */
  get sessionTimeout(): number {
    return this.#connection.manager.sessionTimeout;
  }

  /** What is at a path; `value` undefined where there is no node. A watch is set only where there is one. */
  async data(path: string, watch = false): Promise<Read<NodeData | undefined>> {
    const full = this.#full(path);
    const request = requestOf(OPCODE.getData, new jute.protocol.GetDataRequest(full, watch));
    const { payload, zxid } = await this.#connection.pipeline.ask(path, request, [NO_NODE], (found) => {
      if (watch && found) this.#connection.manager.registerDataWatcher(full, this.#onWatch);
    });
    const stat = payload?.stat;
    return { value: stat && { data: payload.data ?? Buffer.alloc(0), stat: statOf(stat) }, zxid };
  }

  /** The names of a node's children, sorted; `value` undefined where there is no node. */
  async children(path: string, watch = false): Promise<Read<NodeChildren | undefined>> {
    const full = this.#full(path);
    const request = requestOf(OPCODE.getChildren2, new jute.protocol.GetChildren2Request(full, watch));
    const { payload, zxid } = await this.#connection.pipeline.ask(path, request, [NO_NODE], (found) => {
      if (watch && found) this.#connection.manager.registerChildWatcher(full, this.#onWatch);
    });
    const stat = payload?.stat;
    return { value: stat && { names: (payload.children ?? []).toSorted(), stat: statOf(stat) }, zxid };
  }

  /** The stat of a node. A watch is set whether or not there is one. */
  async stat(path: string, watch = false): Promise<Read<NodeStat | undefined>> {
    const full = this.#full(path);
    const request = requestOf(OPCODE.exists, new jute.protocol.ExistsRequest(full, watch));
    const { payload, zxid } = await this.#connection.pipeline.ask(path, request, [NO_NODE], (found) => {
      if (!watch) return;
      if (found) this.#connection.manager.registerDataWatcher(full, this.#onWatch);
      else this.#connection.manager.registerExistenceWatcher(full, this.#onWatch);
    });
    return { value: payload?.stat && statOf(payload.stat), zxid };
  }

  /** Who may do what with a node; `value` undefined where there is none. Rejects with `no-auth` where we may not even know that. */
  async rights(path: string): Promise<Read<NodeRights | undefined>> {
    const request = requestOf(OPCODE.getAcl, new jute.protocol.GetACLRequest(this.#full(path)));
    const { payload, zxid } = await this.#connection.pipeline.ask(path, request, [NO_NODE]);
    const stat = payload?.stat;
    const rights = (payload?.acl ?? []).map(({ perms, id: { scheme, id } }) => ({ scheme, id, permissions: perms }));
    return { value: stat && { rights, stat: statOf(stat) }, zxid };
  }

  /** Leaves a node to our credentials alone, whoever had rights before. Rejects with `no-node`; with `no-auth` where that is not ours to do. */
  async claim(path: string): Promise<void> {
    const acl = zookeeper.ACL.CREATOR_ALL_ACL.map((right) => right.toRecord());
    const request = requestOf(OPCODE.setAcl, new jute.protocol.SetACLRequest(this.#full(path), acl, -1));
    await this.#connection.pipeline.ask(path, request);
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
    const { payload: answer } = await this.#connection.pipeline.ask('multi', requestOf(OPCODE.multi, payload));
    const results = answer?.results ?? [];
    const index = results.findIndex(({ type, err = 0 }) => type === OPCODE.error && err !== 0);
    if (index !== -1) {
      const path = operations[index]?.path ?? '';
      throw errorOf(results[index]?.err ?? 0, path, index);
    }
    return results.map(({ path = '' }) => path.slice(path.lastIndexOf('/') + 1));
  }

  /** What everything is under; the empty text for all there is. */
  get root(): string {
    return this.#options.root;
  }

  /** The lowest node above the root that has such a child; undefined where none has. */
  async above(child: string): Promise<string | undefined> {
    const parts = this.root.split('/').slice(1);
    for (let depth = parts.length - 1; depth > 0; depth--) {
      const path = `/${parts.slice(0, depth).join('/')}`;
      const request = requestOf(OPCODE.exists, new jute.protocol.ExistsRequest(path + child, false));
      // oxlint-disable-next-line eslint/no-await-in-loop -- the first that is found ends it
      const { payload } = await this.#connection.pipeline.ask(path, request, [NO_NODE]);
      if (payload?.stat !== undefined) return path;
    }
    return undefined;
  }

  /** Makes the root, and what is above it, where missing. */
  async plantRoot(): Promise<void> {
    const parts = this.root.split('/').slice(1);
    for (let depth = 1; depth <= parts.length; depth++) {
      const path = `/${parts.slice(0, depth).join('/')}`;
      const creation = encodable({ kind: 'create', path, data: Buffer.alloc(0) }, path);
      const request = requestOf(OPCODE.multi, new jute.TransactionRequest([creation]));
      // oxlint-disable-next-line eslint/no-await-in-loop -- each is under the one before
      const { payload } = await this.#connection.pipeline.ask(path, request);
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
    return (await this.#connection.pipeline.ask('sync', request)).zxid;
  }

  /**
   * Resolves when the server we are connected to has all that had been written, by anyone, when this was called. It is a write that
   * changes nothing, and so needs most of the servers: unlike {@link sync}, which a leader that was cut off may answer too.
   */
  async barrier(): Promise<void> {
    await this.multi([{ kind: 'check', path: '/' }]);
  }

  /** Ends the session; where there is no connection, leaves it to its timeout. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Leaves the session to its timeout. Nothing is heard any more. */
  abandon(): void {
    this.#connection.abandon();
  }

  #fired({ type, path }: WatchEvent): void {
    const { root } = this.#options;
    const own = path.length === root.length ? '/' : path.slice(root.length);
    this.#listener.changed(own, type === NODE_CHILDREN_CHANGED ? 'children' : 'data');
  }

  #full(path: string): string {
    const { root } = this.#options;
    return root === '' ? path : path === '/' ? root : root + path;
  }
}
