// What we use of the client library, which brings no types. Only this folder imports these modules, and a benchmark that is measured against it.

declare module 'node-zookeeper-client' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';
  import type { Packet, Reply, Request } from 'node-zookeeper-client/lib/jute/index.js';

  export interface WatcherManager {
    isEmpty(): boolean;
    getDataWatcherPaths(): string[];
    getExistenceWatcherPaths(): string[];
    getChildWatcherPaths(): string[];
  }

  export interface ConnectionManager extends EventEmitter {
    xid: number;
    zxid: Buffer;
    readonly state: number;
    readonly socket: Socket | undefined;
    readonly servers: readonly unknown[];
    readonly sessionTimeout: number;
    readonly watcherManager: WatcherManager;
    readonly pendingQueue: readonly Packet[];
    /** What came of an answer that is not whole yet. */
    pendingBuffer: Buffer | null;
    onSocketConnected(): void;
    onSocketData(chunk: Buffer): void;
    queue(request: Request, callback?: (error: (Error & { readonly code: number }) | null, reply: Reply) => void): void;
    setState(state: number): void;
    registerDataWatcher(path: string, watcher: (event: WatchEvent) => void): void;
    registerChildWatcher(path: string, watcher: (event: WatchEvent) => void): void;
    registerExistenceWatcher(path: string, watcher: (event: WatchEvent) => void): void;
  }

  export interface WatchEvent {
    readonly type: number;
    readonly path: string;
  }

  /** The library's own, for benchmarks: it takes version 0 for any. */
  export interface LibraryTransaction {
    create(path: string, data: Buffer, acls: readonly object[]): void;
    setData(path: string, data: Buffer, version: number): void;
    remove(path: string, version: number): void;
    check(path: string, version: number): void;
    commit(callback: (error: Error | null) => void): void;
  }

  export interface Client extends EventEmitter {
    readonly connectionManager: ConnectionManager;
    connect(): void;
    close(): void;
    addAuthInfo(scheme: string, auth: Buffer): void;
    getSessionId(): Buffer;
    getSessionPassword(): Buffer;
    transaction(): LibraryTransaction;
  }

  const zookeeper: {
    createClient(
      servers: string,
      options?: { sessionTimeout: number; spinDelay: number; sessionId?: Buffer; sessionPassword?: Buffer },
    ): Client;
    readonly ACL: { readonly CREATOR_ALL_ACL: readonly { toRecord(): object }[] };
  };
  export default zookeeper;
}

declare module 'node-zookeeper-client/lib/jute/index.js' {
  export interface Header {
    type: number;
    xid?: number;
  }

  export interface Request {
    readonly header: Header;
    toBuffer(): Buffer;
  }

  export interface Packet {
    readonly request: Request;
  }

  export interface RawStat {
    readonly czxid: Buffer;
    readonly mzxid: Buffer;
    readonly mtime: Buffer;
    readonly pzxid: Buffer;
    readonly ctime: Buffer;
    readonly ephemeralOwner: Buffer;
    readonly version: number;
    readonly numChildren: number;
  }

  export interface Reply {
    readonly header: { readonly zxid: Buffer; readonly err: number };
    readonly payload: {
      readonly data?: Buffer;
      readonly stat?: RawStat;
      readonly children?: string[];
      readonly acl?: readonly {
        readonly perms: number;
        readonly id: { readonly scheme: string; readonly id: string };
      }[];
      readonly results?: readonly { readonly type: number; readonly path?: string; readonly err?: number }[];
    } | null;
  }

  type Fields = Readonly<Record<string, unknown>>;

  const jute: {
    readonly Request: new (header: object, payload: object | null) => Request;
    readonly TransactionRequest: new (ops: readonly object[]) => { byteLength(): number };
    readonly protocol: {
      readonly RequestHeader: new (xid?: number, type?: number) => Header;
      readonly GetDataRequest: new (path: string, watch: boolean) => object;
      readonly GetChildren2Request: new (path: string, watch: boolean) => object;
      readonly ExistsRequest: new (path: string, watch: boolean) => object;
      readonly GetACLRequest: new (path: string) => object;
      readonly SetACLRequest: new (path: string, acl: readonly object[], version: number) => object;
      readonly SetWatches: new (relativeZxid: Buffer, data: string[], exist: string[], child: string[]) => object;
    };
  };
  export default jute;
}
