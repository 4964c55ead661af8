import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { makeFolder } from '../../datapath/trace/make-folder.ts';
import { freePorts } from './free-ports.ts';
import { configurationOf, sizeProblem, type ServerPlace } from './zookeeper-configuration.ts';

/** What is to be done where the programs are missing. */
export const ZOOKEEPER_HINT =
  'ZooKeeper cannot be started: install Java (openjdk-17-jre-headless) and Maven, and run `sh ops/servers/zookeeper/fetch.sh`';

const STARTING = 60_000;

/** Where the server's Java archives are; undefined where these, or Java, are missing. `TROUPE_ZOOKEEPER_LIB` names another folder. */
export function zookeeperLib(): string | undefined {
  const programs = (process.env['PATH'] ?? '').split(delimiter);
  if (!programs.some((folder) => existsSync(join(folder, 'java')))) return undefined;
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folders = [process.env['TROUPE_ZOOKEEPER_LIB'], join(cache, 'troupe', 'zookeeper', 'lib')];
  return folders.find(
    (folder): folder is string =>
      folder !== undefined &&
      existsSync(folder) &&
      readdirSync(folder).some((name) => /^zookeeper-?[\d.]*\.jar$/.test(name)),
  );
}

/** Where an ensemble is to be, when that matters. */
export interface EnsembleOptions {
  /** Each server keeps its data in a folder of its own in this one, for good. Temporary folders where nothing is said. */
  readonly folder?: string;
  /** The first server's client port, which those of the others follow. Any that are free where nothing is said. */
  readonly firstPort?: number;
}

/** A real server on loopback, for development and tests. */
export class ZookeeperServer {
  readonly place: ServerPlace;
  readonly #folder: string;
  readonly #isTemporary: boolean;
  #child: ChildProcess | undefined;

  private constructor(place: ServerPlace, folder: string, isTemporary: boolean) {
    this.place = place;
    this.#folder = folder;
    this.#isTemporary = isTemporary;
  }

  /** Starts one that is alone, and waits until it answers. Rejects with what to install where programs are missing. */
  static async start(): Promise<ZookeeperServer> {
    const [server] = await ZookeeperServer.startEnsemble(1);
    if (server === undefined) throw new Error(ZOOKEEPER_HINT);
    return server;
  }

  /**
   * Starts an ensemble, and waits until each server has found its place in it. Rejects with what to install where programs are missing.
   *
   * @param size 1, 3, 5 or 7
   */
  static async startEnsemble(size: number, options: EnsembleOptions = {}): Promise<readonly ZookeeperServer[]> {
    const problem = sizeProblem(size);
    if (problem !== undefined) throw new RangeError(problem);
    if (zookeeperLib() === undefined) throw new Error(ZOOKEEPER_HINT);
    const places = await placesFor(size, options.firstPort);
    const servers = await Promise.all(
      places.map(async (place) => {
        const { folder } = options;
        const own =
          folder === undefined
            ? await mkdtemp(join(tmpdir(), 'troupe-zookeeper-'))
            : join(folder, String(place.number));
        const server = new ZookeeperServer(place, own, folder === undefined);
        await server.configure(places);
        return server;
      }),
    );
    try {
      await Promise.all(servers.map((server) => server.restart()));
    } catch (cause) {
      await Promise.all(servers.map((server) => server.stop()));
      throw cause;
    }
    return servers;
  }

  /** One more for an ensemble, with nothing in it; neither is it started, nor do the others know of it (see {@link configure}). */
  static async another(ensemble: readonly ZookeeperServer[]): Promise<ZookeeperServer> {
    const [place] = await placesFor(1, undefined);
    if (place === undefined) throw new Error('there is no free port');
    const number = ensemble.length + 1;
    return new ZookeeperServer({ ...place, number }, await mkdtemp(join(tmpdir(), 'troupe-zookeeper-')), true);
  }

  /** Where clients find it, on 127.0.0.1. */
  get port(): number {
    return this.place.clientPort;
  }

  /** Its process; undefined where it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Writes its configuration, as one of an ensemble. What runs keeps to the former one until it is started again. */
  async configure(ensemble: readonly ServerPlace[]): Promise<void> {
    const data = join(this.#folder, 'data');
    await makeFolder(data);
    await writeFile(join(data, 'myid'), String(this.place.number));
    await writeFile(join(this.#folder, 'zoo.cfg'), configurationOf(this.place, data, ensemble));
  }

  /** Its answer to a four-letter word; nothing, where it does not answer. */
  ask(word: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      let text = '';
      socket.setTimeout(2000, () => socket.destroy());
      socket.on('connect', () => socket.write(word));
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('error', () => socket.destroy());
      socket.on('close', () => resolve(text));
    });
  }

  /** `leader`, `follower` or `standalone`; undefined where it does not serve. */
  async role(): Promise<string | undefined> {
    return /Mode: (\w+)/.exec(await this.ask('srvr'))?.[1];
  }

  /** Starts it anew after {@link kill}, with what it had written down. */
  async restart(): Promise<void> {
    const lib = zookeeperLib() ?? '';
    // The heap of production, taken as it is needed.
    const flags = ['-Xms64M', '-Xmx1g', '-XX:+ExitOnOutOfMemoryError', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
    const child = spawn('java', [...flags, '-cp', `${lib}/*`, main, join(this.#folder, 'zoo.cfg')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    let hasEnded = false;
    child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)));
    child.on('error', (error) => (complaint += String(error)));
    child.on('exit', () => (hasEnded = true));
    this.#child = child;
    const deadline = performance.now() + STARTING;
    // oxlint-disable-next-line eslint/no-await-in-loop -- asked again and again until it answers
    while ((await this.role()) === undefined) {
      if (hasEnded || child.pid === undefined) throw new Error(`${ZOOKEEPER_HINT}\n${complaint}`);
      if (performance.now() > deadline) throw new Error(`ZooKeeper does not answer after ${STARTING} ms\n${complaint}`);
      // oxlint-disable-next-line eslint/no-await-in-loop -- as above
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Resolves when its process has ended, by whomever. */
  async ended(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => child.once('exit', resolve));
  }

  /** Stops the process as it stands, and lets it go on. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends the process without warning. What it has acknowledged is on the disk. */
  async kill(): Promise<void> {
    const ended = this.ended();
    this.#child?.kill('SIGKILL');
    await ended;
    this.#child = undefined;
  }

  /** Deletes what it had written down; between {@link kill} and {@link restart}. */
  async forget(): Promise<void> {
    await rm(join(this.#folder, 'data', 'version-2'), { recursive: true, force: true });
  }

  /** Ends it, and deletes a temporary folder. */
  async stop(): Promise<void> {
    await this.kill();
    if (this.#isTemporary) await rm(this.#folder, { recursive: true, force: true });
  }
}

async function placesFor(size: number, firstPort: number | undefined): Promise<readonly ServerPlace[]> {
  const ports = await freePorts(size * 4);
  return Array.from({ length: size }, (_, n) => {
    const [clientPort = 0, quorumPort = 0, electionPort = 0, adminPort = 0] = ports.slice(n * 4);
    const ownPort = firstPort === undefined ? clientPort : firstPort + n;
    return { number: n + 1, clientPort: ownPort, quorumPort, electionPort, adminPort };
  });
}
