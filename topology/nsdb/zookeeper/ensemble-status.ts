import { statusOfServer, type ServerStatus } from './server-status.ts';
import type { Zxid } from './zxid.ts';

/**
 * How an ensemble does as a whole.
 *
 * - `fine`: every server that was asked serves
 * - `degraded`: reading and writing work, but something is wrong
 * - `no-quorum`: too few servers are together: nothing can be written
 */
export type EnsembleVerdict = 'fine' | 'degraded' | 'no-quorum';

export interface EnsembleStatus {
  readonly verdict: EnsembleVerdict;
  /** In the order in which the address names them. */
  readonly servers: readonly ServerStatus[];
  /** How many servers vote. */
  readonly size: number;
  /** How many of these must be together so that anything can be written. */
  readonly needed: number;
  readonly serving: number;
  /** `host:port`; undefined where none is known. */
  readonly leader: string | undefined;
  /** What it all comes to, in a sentence. */
  readonly sentence: string;
  /** What is wrong besides servers that do not serve. */
  readonly problems: readonly string[];
  /** What works, and might be better. */
  readonly notes: readonly string[];
}

/** Asks all servers at once; answers within `patience` milliseconds. */
export async function statusOfEnsemble(servers: readonly string[], patience: number): Promise<EnsembleStatus> {
  return ensembleStatusFrom(await Promise.all(servers.map((server) => statusOfServer(server, patience))));
}

/** How an ensemble does by what its servers say. */
export function ensembleStatusFrom(servers: readonly ServerStatus[]): EnsembleStatus {
  const serving = servers.filter(({ kind }) => kind === 'serving').length;
  // As many as servers say there are: some that the address names may be no members.
  const size = Math.max(...servers.map((server) => figuresOf(server).quorumSize ?? 0)) || servers.length;
  const needed = Math.floor(size / 2) + 1;
  const leaders = servers.filter((server) => hasRole(server, 'leader', 'standalone')).map(({ server }) => server);
  const problems = problemsOf(servers, leaders);
  const voting = servers.filter((server) => hasRole(server, 'leader', 'follower', 'standalone', undefined)).length;
  // Where the address does not name all servers, one that serves others is sign enough of a quorum.
  const isQuorum = voting >= (servers.length < size ? 1 : needed);
  const isFine = serving === servers.length && problems.length === 0;
  const verdict = !isQuorum ? 'no-quorum' : isFine ? 'fine' : 'degraded';
  const leader = leaders[0];
  const sentence = sentenceOf({ verdict, serving, asked: servers.length, size, needed, leader });
  return { verdict, servers, size, needed, serving, leader, sentence, problems, notes: notesOf(servers, size) };
}

/**
 * How many transactions a server is behind the leader, about: the two were not asked at one moment. Undefined where that cannot be known.
 *
 * @returns `an epoch`, where it has nothing yet of what the present leader proposed
 */
export function lagOf(server: ServerStatus, { servers }: EnsembleStatus): number | 'an epoch' | undefined {
  const leader = servers.find((one) => hasRole(one, 'leader'));
  const [own, others] = [figuresOf(server).zxid, leader && figuresOf(leader).zxid];
  if (own === undefined || others === undefined || server === leader) return undefined;
  return behind(own, others);
}

function behind(own: Zxid, leader: Zxid): number | 'an epoch' {
  if (own.epoch >= leader.epoch) return own.epoch > leader.epoch ? 0 : Math.max(0, leader.counter - own.counter);
  return leader.counter === 0 ? 0 : 'an epoch';
}

function sentenceOf(facts: {
  readonly verdict: EnsembleVerdict;
  readonly serving: number;
  readonly asked: number;
  readonly size: number;
  readonly needed: number;
  readonly leader: string | undefined;
}): string {
  const { verdict, serving, asked, size, needed, leader } = facts;
  const count = `${serving} of ${asked} ${serving === 1 ? 'serves' : 'serve'}`;
  if (verdict === 'no-quorum') {
    return `${count}: no quorum, for which ${needed} are needed. The database is read only: agents go on with what they have read`;
  }
  const led = leader === undefined ? count : size === 1 ? count : `${count}, leader ${leader}`;
  const spare = Math.max(0, Math.min(serving, size) - needed + Math.max(0, size - asked));
  const rest = size === 1 ? 'it is alone: without it nothing works' : `${spare === 0 ? 'none' : spare} more may fail`;
  return `${led}: ${verdict === 'fine' ? 'fine' : 'a quorum, but something is wrong'}; ${rest}`;
}

function problemsOf(servers: readonly ServerStatus[], leaders: readonly string[]): readonly string[] {
  const problems: string[] = [];
  if (leaders.length > 1) {
    problems.push(
      `${leaders.join(' and ')} lead each for itself: they share no data. Name servers of one ensemble only`,
    );
  }
  for (const server of servers) {
    const { quorumSize = 1, syncedFollowers } = figuresOf(server);
    if (syncedFollowers !== undefined && syncedFollowers < quorumSize - 1) {
      problems.push(`the leader has ${syncedFollowers} of ${quorumSize - 1} followers in step`);
    }
  }
  return problems;
}

function notesOf(servers: readonly ServerStatus[], size: number): readonly string[] {
  const notes: string[] = [];
  if (size % 2 === 0) {
    notes.push(
      `${size} servers survive no more failures than ${size - 1}, and fail more often: add one, or take one away`,
    );
  }
  if (size < servers.length) {
    const voters = size === 1 ? '1 server votes' : `${size} servers vote`;
    notes.push(`${voters}, and the address names ${servers.length}: the others only listen, or are no members`);
  }
  if (size > servers.length) {
    notes.push(
      `the ensemble has ${size} servers, and the address names ${servers.length}: name all, so that any may fail`,
    );
  }
  const forbidden = new Set(servers.flatMap((server) => server.forbidden));
  if (forbidden.size > 0) {
    const where = servers.filter((server) => server.forbidden.length > 0).map(({ server }) => server);
    notes.push(
      `${where.join(', ')}: to see all, allow ${[...forbidden].join(', ')} there (4lw.commands.whitelist in its zoo.cfg)`,
    );
  }
  return notes;
}

function hasRole(server: ServerStatus, ...roles: readonly (string | undefined)[]): boolean {
  return server.kind === 'serving' && roles.includes(server.role);
}

function figuresOf(server: ServerStatus) {
  return server.kind === 'serving' ? server.figures : {};
}
