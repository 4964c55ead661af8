import { ok } from 'node:assert/strict';
import { ZOOKEEPER_HINT, ZookeeperServer, zookeeperLib } from '../../../ops/servers/zookeeper-server.ts';
import { clientSuite } from './zookeeper-client-suite.ts';
import { faultsSuite } from './zookeeper-faults-suite.ts';
import { loadSuite } from './load-suite.ts';
import { modelSuite } from './model-suite.ts';
import { objectsSuite } from './objects-suite.ts';
import { stateSuite } from './state-suite.ts';
import { tablesSuite } from './tables-suite.ts';
import { zookeeperHarness } from './zookeeper-harness.ts';
import { zookeeperSuite } from './zookeeper-suite.ts';

describe('the network state database on ZooKeeper', function () {
  this.timeout(60_000);
  if (zookeeperLib() === undefined) {
    // In CI that is a failure; elsewhere it is said by name.
    if (process.env['CI'] === undefined) it(ZOOKEEPER_HINT);
    else it('runs', () => ok(zookeeperLib(), ZOOKEEPER_HINT));
    return;
  }
  let server: ZookeeperServer;

  before(async () => {
    server = await ZookeeperServer.start();
  });

  after(() => server.stop());

  const openHarness = () => zookeeperHarness(server.port);
  objectsSuite(openHarness);
  stateSuite(openHarness);
  tablesSuite(openHarness);
  loadSuite(openHarness);
  modelSuite(openHarness, 10);
  zookeeperSuite(() => server);
  clientSuite(() => server);
  faultsSuite(() => server); // last: it kills the server, and starts it again
});
