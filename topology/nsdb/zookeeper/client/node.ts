import type { RawStat } from 'node-zookeeper-client/lib/jute/index.js';
import { millisOf, type Millis } from '../../../model/time.ts';
import { numberOf } from './int64.ts';

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

/** A stat as it came from the wire. */
export function statOf({ czxid, ctime, mzxid, mtime, pzxid, version, numChildren, ephemeralOwner }: RawStat): NodeStat {
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
