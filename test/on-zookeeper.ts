import { ok } from 'node:assert/strict';
import { ZOOKEEPER_HINT, ZookeeperServer, zookeeperLib } from '../ops/servers/zookeeper-server.ts';

let shared: Promise<ZookeeperServer> | undefined;
let roots = 0;

after(async () => (await shared)?.stop()); // when all tests of this process have ended

/**
 * A suite of tests on a real ZooKeeper server, which all such suites of a process share: each test takes a root of its own. Where the
 * server's programs are missing, the suite fails in CI; elsewhere it is pending, under the name of what is to be installed.
 */
export function describeOnZookeeper(title: string, suite: (server: () => ZookeeperServer) => void): void {
  describe(title, function () {
    this.timeout(60_000);
    if (zookeeperLib() === undefined) {
      if (process.env['CI'] === undefined) it(ZOOKEEPER_HINT);
      else it('runs', () => ok(zookeeperLib(), ZOOKEEPER_HINT));
      return;
    }
    let server: ZookeeperServer;
    before(async () => (server = await (shared ??= ZookeeperServer.start())));
    suite(() => server);
  });
}

/** A root that no other test has. */
export function freshRoot(): string {
  return `/troupe-test-${process.pid}-${++roots}`;
}
