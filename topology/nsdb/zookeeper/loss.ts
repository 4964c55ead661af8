import { NsdbError } from '../nsdb-error.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/** Whether the connection broke under a request. */
export function isLoss(cause: unknown): boolean {
  return cause instanceof ZookeeperError && cause.fault === 'connection-loss';
}

/** Whether an operation failed for want of a link. */
export function isOffline(cause: unknown): boolean {
  return cause instanceof NsdbError && ['disconnected', 'closed', 'outcome-unknown'].includes(cause.fault);
}
