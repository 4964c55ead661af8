import { NsdbError } from '../nsdb-error.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/** What an answer of ZooKeeper that nobody could make use of means to whoever asked. All else comes back as it is. */
export function answerError(cause: unknown): unknown {
  if (!(cause instanceof ZookeeperError)) return cause;
  const { fault, message, what } = cause;
  switch (fault) {
    case 'no-auth':
      return noPermission(what ?? message, cause);
    case 'bad-version':
    case 'no-node':
    case 'node-exists':
    case 'not-empty':
      return new NsdbError('concurrent-modification', `${message}: others kept changing it. Try again`, {}, cause);
    case 'too-large':
      return new NsdbError('too-large', message, {}, cause);
    case 'connection-loss':
      return new NsdbError('outcome-unknown', `${message}: look whether it was done`, {}, cause);
    case 'refused':
      return new NsdbError('invalid', `the database refused it: ${message}`, {}, cause);
  }
}

/** Whether something was refused for want of rights. */
export function isNoPermission(cause: unknown): boolean {
  return cause instanceof NsdbError && cause.fault === 'no-permission';
}

/** The server does not let these credentials do something. */
export function noPermission(what: string, cause?: unknown): NsdbError {
  return new NsdbError('no-permission', `${what}: no permission; other credentials made it`, {}, cause);
}
