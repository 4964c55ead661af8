import { ZookeeperError, type ZookeeperFault } from '../zookeeper-error.ts';

// What a server, or the library, answers in place of what was asked for.
export const CONNECTION_LOSS = -4;
export const NO_NODE = -101;
export const NODE_EXISTS = -110;

const FAULTS: ReadonlyMap<number, ZookeeperFault> = new Map([
  [CONNECTION_LOSS, 'connection-loss'],
  [NO_NODE, 'no-node'],
  [-102, 'no-auth'],
  [-103, 'bad-version'],
  [NODE_EXISTS, 'node-exists'],
  [-111, 'not-empty'],
  [-112, 'connection-loss'], // the session is over
]);

/** What a code means, of which path, or which call. */
export function errorOf(code: number, what: string, index?: number): ZookeeperError {
  const fault = FAULTS.get(code) ?? 'refused';
  return new ZookeeperError(fault, `${what}: ${fault} (${code})`, index, what);
}
