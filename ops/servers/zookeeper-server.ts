import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is to be done where the programs are missing. */
export const ZOOKEEPER_HINT =
  'ZooKeeper cannot be started: install Java (openjdk-17-jre-headless) and Maven, and run `sh ops/servers/zookeeper/fetch.sh`';

const STARTING = 60_000;

/** Where the server's Java archives are; undefined where there are none. `TROUPE_ZOOKEEPER_LIB` names another folder. */
export function zookeeperLib(): string | undefined {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folders = [process.env['TROUPE_ZOOKEEPER_LIB'], join(cache, 'troupe', 'zookeeper', 'lib'), '/usr/share/java'];
  return folders.find(
    (folder): folder is string =>
      folder !== undefined &&
      existsSync(folder) &&
      readdirSync(folder).some((name) => /^zookeeper-?[\d.]*\.jar$/.test(name)),
  );
}

/**
 * The configuration of one server: what is used in production, but for addresses and folders.
 *
 * @param peers the servers of an ensemble, `server.1=...` and so on; none for a server alone
 */
export function zookeeperConfig(
  folder: string,
  clientPort: number,
  adminPort: number,
  peers: readonly string[] = [],
): string {
  return [
    'tickTime=1000',
    'initLimit=10',
    'syncLimit=5',
    'minSessionTimeout=2000',
    'maxSessionTimeout=60000',
    'maxClientCnxns=0',
    'snapCount=100000',
    'autopurge.snapRetainCount=3',
    'autopurge.purgeInterval=1',
    '4lw.commands.whitelist=srvr,mntr,cons,wchs,dirs,ruok',
    'admin.serverAddress=127.0.0.1',
    `admin.serverPort=${adminPort}`,
    'clientPortAddress=127.0.0.1',
    `clientPort=${clientPort}`,
    `dataDir=${folder}`,
    ...peers,
    '',
  ].join('\n');
}

/** A real server of its own on loopback, alone, for development and tests. It forgets all when stopped for good. */
export class ZookeeperServer {
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  /** Starts one, and waits until it answers. Rejects with what to install where programs are missing. */
  static async start(): Promise<ZookeeperServer> {
    if (zookeeperLib() === undefined) throw new Error(ZOOKEEPER_HINT);
    const folder = await mkdtemp(join(tmpdir(), 'troupe-zookeeper-'));
    const [port, adminPort] = await freePorts();
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'zoo.cfg'), zookeeperConfig(join(folder, 'data'), port, adminPort));
    const server = new ZookeeperServer(port, folder);
    try {
      await server.restart();
    } catch (cause) {
      await server.stop();
      throw cause;
    }
    return server;
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
    while (!(await answers(this.port))) {
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

/** Whether a server answers as one that serves. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const end = (isUp: boolean) => {
      socket.destroy();
      resolve(isUp);
    };
    socket.setTimeout(2000, () => end(false));
    socket.on('connect', () => socket.write('srvr'));
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', () => end(false));
    socket.on('close', () => end(text.includes('Mode: ')));
  });
}

async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()] as const;
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
  return [ports[0] ?? 0, ports[1] ?? 0];
}
