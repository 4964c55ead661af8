import zookeeper from 'node-zookeeper-client';
import { OPCODE } from './request.ts';

/** What one request may weigh: the server's limit (`jute.maxbuffer`, 1 MiB less one), less its framing. */
export const REQUEST_BYTES = 1_048_000;

/** One operation of a multi. Versions are those of the node; without one, any will do. */
export type Operation =
  | { readonly kind: 'create'; readonly path: string; readonly data: Buffer; readonly mode?: CreateMode }
  | { readonly kind: 'set'; readonly path: string; readonly data: Buffer; readonly version?: number }
  | { readonly kind: 'delete'; readonly path: string; readonly version?: number }
  | { readonly kind: 'check'; readonly path: string; readonly version?: number };

type CreateMode = 'persistent' | 'ephemeral' | 'ephemeral-sequential';
const MODES: Readonly<Record<CreateMode, number>> = { persistent: 0, ephemeral: 1, 'ephemeral-sequential': 3 };

/** What a multi of these operations takes on the wire, rounded up; `rootBytes` is what stands before each path. */
export function weightOf(operations: readonly Operation[], rootBytes: number): number {
  let bytes = 64;
  for (const operation of operations) {
    bytes += 48 + rootBytes + Buffer.byteLength(operation.path);
    if ('data' in operation) bytes += operation.data.length;
  }
  return bytes;
}

/**
 * As the library's encoder takes it: its own builder of multis takes version 0 for any.
 *
 * @param path the operation's, from the server's root
 */
export function encodable(operation: Operation, path: string): object {
  switch (operation.kind) {
    case 'create':
      return {
        type: OPCODE.create,
        path,
        data: operation.data,
        acls: zookeeper.ACL.CREATOR_ALL_ACL,
        mode: MODES[operation.mode ?? 'persistent'],
      };
    case 'set':
      return { type: OPCODE.setData, path, data: operation.data, version: operation.version ?? -1 };
    case 'delete':
      return { type: OPCODE.delete, path, version: operation.version ?? -1 };
    case 'check':
      return { type: OPCODE.check, path, version: operation.version ?? -1 };
    default:
      return operation;
  }
}
