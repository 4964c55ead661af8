/**
 * Why ZooKeeper did not do what it was asked.
 *
 * - `connection-loss`: no answer came. What was asked for may have happened
 * - `too-large`: more than one request holds; nothing was sent
 * - `refused`: for another reason, whose number the message says
 */
export type ZookeeperFault =
  'connection-loss' | 'no-node' | 'no-auth' | 'bad-version' | 'node-exists' | 'not-empty' | 'too-large' | 'refused';

/** An answer of ZooKeeper, or the want of one. */
export class ZookeeperError extends Error {
  readonly fault: ZookeeperFault;
  /** Which operation of a multi failed. */
  readonly index: number | undefined;
  /** What it was about: a path, as far as that is known. */
  readonly what: string | undefined;

  constructor(fault: ZookeeperFault, message: string, index?: number, what?: string) {
    super(message);
    this.name = 'ZookeeperError';
    this.fault = fault;
    this.index = index;
    this.what = what;
  }
}
