import type { Topology } from '../../topology/file/topology.ts';
import type { Lock, Nsdb } from '../../topology/nsdb/nsdb.ts';
import { NsdbError, type NsdbFault } from '../../topology/nsdb/nsdb-error.ts';
import { isEmpty } from '../../topology/nsdb/plan/plan.ts';
import { carryOut, stepsOf } from '../../topology/nsdb/plan/steps.ts';
import type { NamedPlan } from './named-plan.ts';
import { raised } from '../raised.ts';
import { planNamed } from './plan-named.ts';
import type { Reports } from './stored-network.ts';

export interface ApplyOptions {
  /** Whether what the file does not have goes. */
  readonly prune: boolean;
  /** How long another may be at it, in milliseconds. */
  readonly patience: number;
  /** Stops between two steps. */
  readonly signal?: AbortSignal;
  /** What one transaction may weigh. */
  readonly bytes?: number;
}

/** Hears how it goes. */
export interface ApplyListener {
  /** Another is at it. */
  waiting(): void;
  /** A plan was made; another one, when somebody changed what it rested on. */
  planned(named: NamedPlan, others: number): void;
  /** Whether the plan, in which there is something to do, is to be carried out. */
  agreed(): Promise<boolean>;
  /** So many steps of the last plan are done: 0 when it begins. */
  done(steps: number, of: number): void;
}

/** How it ended: `unchanged`, where there was nothing to do; `declined`, where the plan was not to be carried out. */
export type Applied = 'unchanged' | 'applied' | 'declined' | 'interrupted';

/** Only one applies at a time. */
const LOCK = 'topology-apply';

/** A lock that is not had within so many milliseconds is another's. */
const SILENCE = 1000;

/** How often it is planned anew when others change what a plan rested on. */
const ATTEMPTS = 5;

/** What befalls a plan when the network is no longer as it was. */
const OVERTAKEN: ReadonlySet<NsdbFault> = new Set([
  'concurrent-modification',
  'already-exists',
  'not-found',
  'reference-conflict',
  'still-referenced',
]);

/**
 * Makes a database have what a topology file says: in one step if it fits into a transaction, else in several, after each of which the
 * database is whole. Applying again does what is missing.
 *
 * @throws NsdbError; `timeout`, where another was at it for too long
 */
export async function applyTopologyFile(
  nsdb: Nsdb,
  reports: Reports,
  topology: Topology,
  options: ApplyOptions,
  listener: ApplyListener,
): Promise<Applied> {
  const lock = await lockOrStop(nsdb, options, listener);
  if (lock === undefined) return 'interrupted';
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        // oxlint-disable-next-line eslint/no-await-in-loop -- an attempt follows on the failure of the one before
        return await attemptToApply(nsdb, lock, reports, topology, options, listener);
      } catch (cause) {
        if (!(cause instanceof NsdbError) || !OVERTAKEN.has(cause.fault) || attempt === ATTEMPTS) throw cause;
      }
    }
  } finally {
    await release(nsdb, lock);
  }
}

async function attemptToApply(
  nsdb: Nsdb,
  lock: Lock,
  reports: Reports,
  topology: Topology,
  { prune, signal, bytes }: ApplyOptions,
  listener: ApplyListener,
): Promise<Applied> {
  const planned = await orSignal(planNamed(nsdb, reports, topology, prune), signal);
  if (planned === undefined) return 'interrupted';
  const { named, others } = planned;
  const { plan } = named;
  listener.planned(named, others);
  if (isEmpty(plan)) return 'unchanged';
  if (!(await listener.agreed())) return signal?.aborted === true ? 'interrupted' : 'declined';
  const steps = stepsOf(plan, bytes);
  listener.done(0, steps.length);
  for (const [n, step] of steps.entries()) {
    if (signal?.aborted === true) return 'interrupted';
    if (!lock.held) throw new NsdbError('session-lost', 'the session ended meanwhile, and with it the right to go on');
    // oxlint-disable-next-line eslint/no-await-in-loop -- each step rests on the ones before it
    await carryOut(nsdb, step);
    listener.done(n + 1, steps.length);
  }
  await nsdb.settled(); // what follows on deletions is done as well
  return 'applied';
}

/** The lock; undefined when told to stop before it was to be had. */
async function lockOrStop(
  nsdb: Nsdb,
  { patience, signal }: ApplyOptions,
  listener: ApplyListener,
): Promise<Lock | undefined> {
  const waiting = setTimeout(() => listener.waiting(), SILENCE);
  try {
    return await lockOrSignal(nsdb.lock(LOCK, patience), signal);
  } finally {
    clearTimeout(waiting);
  }
}

/** Gives the lock back. While the link is down nobody waits for that: the lock goes with the session. */
async function release(nsdb: Nsdb, lock: Lock): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const observation = nsdb.observeConnection(({ kind }) => {
      if (kind !== 'connected') resolve();
    });
    lock
      .release()
      .finally(() => observation.close())
      .then(resolve, reject);
  });
}

async function lockOrSignal(locking: Promise<Lock>, signal: AbortSignal | undefined): Promise<Lock | undefined> {
  const lock = await orSignal(locking, signal);
  if (lock === undefined) locking.then((late) => late.release()).catch(() => {});
  return lock;
}

/** What some work comes to; undefined when told to stop before. */
async function orSignal<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  return signal === undefined ? work : Promise.race([work, raised(signal).then(() => undefined)]);
}
