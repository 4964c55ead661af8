import { existsSync, readFileSync } from 'node:fs';

/** Where on loopback a server of an ensemble is. */
export interface ServerPlace {
  /** Which of the ensemble's servers it is, from 1. */
  readonly number: number;
  readonly clientPort: number;
  readonly quorumPort: number;
  readonly electionPort: number;
  readonly adminPort: number;
}

// From dist/ops/servers as from ops/servers under a loader.
const SETTINGS = ['../../../ops/servers/zookeeper/zoo.cfg', './zookeeper/zoo.cfg'];

/**
 * What keeps an ensemble from having so many servers; undefined where nothing does. A write counts when more than half of the servers
 * have it on their disks: so an even number tolerates no more failures than the odd one below it.
 */
export function sizeProblem(size: number): string | undefined {
  if ([1, 3, 5, 7].includes(size)) return undefined;
  const what = `an ensemble has 1, 3, 5 or 7 servers, not ${size}`;
  if (size > 0 && size % 2 === 0) {
    return `${what}: ${size} survive no more failures than ${size - 1}, and fail more often`;
  }
  return size > 7 ? `${what}: each write waits for more than half of them` : what;
}

/**
 * The configuration of one server: that of production (`zookeeper/zoo.cfg`), and behind it addresses and folder.
 *
 * @param folder where it keeps what it has written down
 * @param ensemble all servers; with one alone it needs no quorum
 */
export function configurationOf(place: ServerPlace, folder: string, ensemble: readonly ServerPlace[]): string {
  const file = SETTINGS.map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url));
  if (file === undefined) throw new Error('ops/servers/zookeeper/zoo.cfg is missing');
  const peers = ensemble.length === 1 ? [] : ensemble;
  return [
    readFileSync(file, 'utf8'),
    `admin.serverPort=${place.adminPort}`,
    'clientPortAddress=127.0.0.1',
    `clientPort=${place.clientPort}`,
    `dataDir=${folder}`,
    ...peers.map(({ number, quorumPort, electionPort }) => `server.${number}=127.0.0.1:${quorumPort}:${electionPort}`),
    '',
  ].join('\n');
}
