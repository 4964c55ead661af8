import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { makeFolder } from '../../../datapath/trace/make-folder.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { writeTrouble } from '../../file-trouble.ts';
import { raised } from '../../raised.ts';
import { fetchZookeeper } from '../../servers/fetch-zookeeper.ts';
import { FolderLock, LOCK_FILE } from '../../servers/folder-lock.ts';
import { isFree } from '../../servers/free-ports.ts';
import { sizeProblem } from '../../servers/zookeeper-configuration.ts';
import { ZookeeperServer, type EnsembleOptions } from '../../servers/zookeeper-server.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';

/** What `troupe dev zookeeper` is told. */
export interface DevZookeeperOptions {
  readonly servers: string;
  readonly data?: string;
  readonly port: string;
}

/** For development: no secret. Nodes belong to whom the URL names, so any other user and password would do. */
const CREDENTIALS = 'troupe:troupe';

/** Runs an ensemble until the signal is raised, or all of its servers have ended. @throws Trouble when it cannot be started */
export async function devZookeeper(options: DevZookeeperOptions, shell: Shell): Promise<ExitCode> {
  const { signal, out, err, quiet } = shell;
  const say = (text: string) => {
    if (!quiet) err(text);
  };
  const size = sizeOf(options.servers);
  const firstPort = await firstPortOf(options.port, size);
  const folder = options.data === undefined ? undefined : resolve(options.data);
  const lock = folder === undefined ? undefined : await take(folder);
  let servers: readonly ZookeeperServer[] = [];
  try {
    if (folder !== undefined) await mustFit(folder, size);
    servers = await start(say, size, {
      ...(firstPort !== undefined && { firstPort }),
      ...(folder !== undefined && { folder }),
    });
    await lock?.add(servers.flatMap(({ pid }) => pid ?? []));
    out(`--nsdb zookeeper://${CREDENTIALS}@${servers.map(addressOf).join(',')}/troupe\n`);
    for (const server of servers) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one line after another
      say(`${addressOf(server)}: ${await server.role()}, process ${server.pid}\n`);
    }
    say(
      `data ${folder === undefined ? 'is deleted at the end' : `in ${folder}`}; Ctrl-C ends ${size === 1 ? 'it' : 'all'}\n`,
    );
    const watched = servers.map(async (server) => {
      await server.ended();
      if (!signal.aborted) err(`troupe: the server on ${addressOf(server)} has ended\n`);
    });
    await Promise.race([Promise.all(watched), raised(signal)]);
    if (!signal.aborted) throw new Trouble('no server is left', EXIT.worldFailed);
    return EXIT.interrupted;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await lock?.release();
  }
}

function sizeOf(text: string): number {
  const problem = /^\d{1,3}$/.test(text) ? sizeProblem(Number(text)) : 'expected 1, 3, 5 or 7';
  if (problem !== undefined) throw new Trouble(`--servers: "${text}" is wrong, ${problem}`);
  return Number(text);
}

/** Undefined where any will do. */
async function firstPortOf(text: string, size: number): Promise<number | undefined> {
  const first = /^\d{1,5}$/.test(text) ? Number(text) : 65_536;
  if (first + size > 65_536)
    throw new Trouble(`--port: "${text}" is wrong, expected a number from 0 to ${65_536 - size}`);
  if (first === 0) return undefined;
  const ports = Array.from({ length: size }, (_, n) => first + n);
  const free = await Promise.all(ports.map((port) => isFree(port)));
  const taken = ports[free.indexOf(false)];
  if (taken === undefined) return first;
  throw new Trouble(`port ${taken} of 127.0.0.1 is taken: --port names others, --port 0 takes any`, EXIT.worldFailed);
}

/** Makes the folder, and takes it: servers of two commands would write into the same files. */
async function take(folder: string): Promise<FolderLock> {
  let lock: FolderLock | number;
  try {
    await makeFolder(folder);
    lock = await FolderLock.take(folder);
  } catch (cause) {
    throw writeTrouble(folder, cause);
  }
  if (typeof lock !== 'number') return lock;
  throw new Trouble(
    `--data: ${folder} is in use by process ${lock}, by its ${LOCK_FILE}: end that, or name another folder`,
    EXIT.worldFailed,
  );
}

/** Looks whose data is in the folder: servers that were not there before would outvote those that know. */
async function mustFit(folder: string, size: number): Promise<void> {
  const names = await readdir(folder);
  const known = names.filter((name) => /^\d$/.test(name)).length;
  if (known === 0 || known === size) return;
  throw new Trouble(
    `--data: ${folder} has the data of an ensemble of ${known}, expected another folder or --servers ${known}`,
  );
}

async function start(
  say: (text: string) => void,
  size: number,
  options: EnsembleOptions,
): Promise<readonly ZookeeperServer[]> {
  try {
    await fetchZookeeper(say);
    return await ZookeeperServer.startEnsemble(size, options);
  } catch (cause) {
    throw new Trouble(cause instanceof Error ? cause.message : String(cause), EXIT.worldFailed, { cause });
  }
}

function addressOf({ port }: ZookeeperServer): string {
  return `127.0.0.1:${port}`;
}
