import { deepEqual, ok } from 'node:assert/strict';
import { ZOOKEEPER_HINT, ZookeeperServer, zookeeperLib } from '../ops/servers/zookeeper-server.ts';
import { foreignNodes } from './rights.ts';

/** As whom tests open what they have in ZooKeeper. */
export const CREDENTIALS = { user: 'troupe', password: 'secret' };

let shared: Promise<ZookeeperServer> | undefined;
let roots = 0;
const others = new Set<string>();

// When all tests of this process have ended.
after('all that tests made in ZooKeeper is for their credentials alone', async function () {
  this.timeout(400_000); // there are hundreds of thousands of nodes
  const server = await shared;
  if (server === undefined) return;
  try {
    const foreign = await foreignNodes(server.port, CREDENTIALS, { leftOut: others });
    deepEqual(foreign.slice(0, 20), []);
  } finally {
    await server.stop();
  }
});

/**
 * A suite of tests that start real ZooKeeper servers of their own. Where the servers' programs are missing, the suite fails in CI;
 * elsewhere it is pending, under the name of what is to be installed.
 */
export function describeWithZookeeper(title: string, suite: () => void): void {
  describe(title, function () {
    this.timeout(60_000);
    if (zookeeperLib() !== undefined) suite();
    else if (process.env['CI'] === undefined) it(ZOOKEEPER_HINT);
    else it('runs', () => ok(zookeeperLib(), ZOOKEEPER_HINT));
  });
}

/** A suite of tests on a real ZooKeeper server, which all such suites of a process share: each test takes a root of its own. */
export function describeOnZookeeper(title: string, suite: (server: () => ZookeeperServer) => void): void {
  describeWithZookeeper(title, () => {
    let server: ZookeeperServer;
    before(async () => (server = await (shared ??= ZookeeperServer.start())));
    suite(() => server);
  });
}

/** A root that no other test has. All in it is for {@link CREDENTIALS} alone, which is looked at when all tests have ended. */
export function freshRoot(): string {
  return `/troupe-test-${process.pid}-${++roots}`;
}

/** A root that no other test has, for tests in which others come with credentials of their own. */
export function rootOfOthers(): string {
  const root = freshRoot();
  others.add(root);
  return root;
}
