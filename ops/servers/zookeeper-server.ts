import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** What is to be done where the programs are missing. */
export const ZOOKEEPER_HINT =
  'ZooKeeper cannot be started: install Java (openjdk-17-jre-headless) and Maven, and run `sh ops/servers/zookeeper/fetch.sh`';

const STARTING = 60_000;

/** Where the server's Java archives are; undefined where these, or Java, are missing. `TROUPE_ZOOKEEPER_LIB` names another folder. */
export function zookeeperLib(): string | undefined {
  const programs = (process.env['PATH'] ?? '').split(delimiter);
  if (!programs.some((folder) => existsSync(join(folder, 'java')))) return undefined;
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folders = [process.env['TROUPE_ZOOKEEPER_LIB'], join(cache, 'troupe', 'zookeeper', 'lib'), '/usr/share/java'];
  return folders.find(
    (folder): folder is string =>
      folder !== undefined &&
      existsSync(folder) &&
      readdirSync(folder).some((name) => /^zookeeper-?[\d.]*\.jar$/.test(name)),
  );
}

/** Where a server is, and with whom: all in which its configuration differs from any other's. */
interface Place {
  readonly clientPort: number;
  readonly adminPort: number;
  /** `server.1=...` and so on; none for a server alone. */
  readonly peers: readonly string[];
  /** Which of the peers it is. */
  readonly number: number;
}

// From dist/ops/servers as from ops/servers under a loader.
const SETTINGS = ['../../../ops/servers/zookeeper/zoo.cfg', './zookeeper/zoo.cfg'];

/** The configuration of one server: that of production (`zookeeper/zoo.cfg`), and its addresses and folder on loopback. */
function configOf(folder: string, { clientPort, adminPort, peers }: Place): string {
  const file = SETTINGS.map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url));
  if (file === undefined) throw new Error('ops/servers/zookeeper/zoo.cfg is missing');
  return [
    readFileSync(file, 'utf8'),
    `admin.serverPort=${adminPort}`,
    'clientPortAddress=127.0.0.1',
    `clientPort=${clientPort}`,
    `dataDir=${folder}`,
    ...peers,
    '',
  ].join('\n');
}

/** A real server on loopback, for development and tests. It forgets all when stopped for good. */
export class ZookeeperServer {
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  /** Starts one that is alone, and waits until it answers. Rejects with what to install where programs are missing. */
  static async start(): Promise<ZookeeperServer> {
    const server = await ZookeeperServer.#prepare({ ...(await freeClientPorts()), peers: [], number: 1 });
    await startAll([server]);
    return server;
  }

  /**
   * Starts an ensemble, and waits until each server has found its place in it.
   *
   * @param size 1, 3, 5 or 7
   */
  static async startEnsemble(size: number): Promise<readonly ZookeeperServer[]> {
    if (![1, 3, 5, 7].includes(size)) {
      const reason =
        size % 2 === 0 ? `${size} survive no more failures than ${size - 1}, and fail more often` : 'too many';
      throw new RangeError(`an ensemble has 1, 3, 5 or 7 servers, not ${size}: ${reason}`);
    }
    if (size === 1) return [await ZookeeperServer.start()];
    const ports = await freePorts(size * 4);
    const peers = Array.from(
      { length: size },
      (_, n) => `server.${n + 1}=127.0.0.1:${ports[n * 4]}:${ports[n * 4 + 1]}`,
    );
    const servers = await Promise.all(
      peers.map((_, n) => {
        const [clientPort = 0, adminPort = 0] = ports.slice(n * 4 + 2);
        return ZookeeperServer.#prepare({ clientPort, adminPort, peers, number: n + 1 });
      }),
    );
    await startAll(servers);
    return servers;
  }

  static async #prepare(place: Place): Promise<ZookeeperServer> {
    if (zookeeperLib() === undefined) throw new Error(ZOOKEEPER_HINT);
    const folder = await mkdtemp(join(tmpdir(), 'troupe-zookeeper-'));
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data', 'myid'), String(place.number));
    await writeFile(join(folder, 'zoo.cfg'), configOf(join(folder, 'data'), place));
    return new ZookeeperServer(place.clientPort, folder);
  }

  /** `leader`, `follower` or `standalone`; undefined where it does not serve. */
  async role(): Promise<string | undefined> {
    return /Mode: (\w+)/.exec(await ask(this.port))?.[1];
  }

  /** Starts it anew after {@link kill}, with what it had written down. */
  async restart(): Promise<void> {
    const lib = zookeeperLib() ?? '';
    const flags = ['-Xms64M', '-Xmx256M', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
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
    const deadline = Date.now() + STARTING;
    // oxlint-disable-next-line eslint/no-await-in-loop -- asked again and again until it answers
    while ((await this.role()) === undefined) {
      if (hasEnded || child.pid === undefined) throw new Error(`${ZOOKEEPER_HINT}\n${complaint}`);
      if (Date.now() > deadline) throw new Error(`ZooKeeper does not answer after ${STARTING} ms\n${complaint}`);
      // oxlint-disable-next-line eslint/no-await-in-loop -- as above
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
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
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Ends it, and deletes what it had. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Starts all, or none. */
async function startAll(servers: readonly ZookeeperServer[]): Promise<void> {
  try {
    await Promise.all(servers.map((server) => server.restart()));
  } catch (cause) {
    await Promise.all(servers.map((server) => server.stop()));
    throw cause;
  }
}

/** What a server says of itself; nothing, where it does not serve. */
function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('connect', () => socket.write('srvr'));
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(text));
  });
}

async function freeClientPorts(): Promise<{ readonly clientPort: number; readonly adminPort: number }> {
  const [clientPort = 0, adminPort = 0] = await freePorts(2);
  return { clientPort, adminPort };
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) =>
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          }),
        ),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
