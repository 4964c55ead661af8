import { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import { loadSuite } from './load-suite.ts';
import { modelSuite } from './model-suite.ts';
import { objectsSuite } from './objects-suite.ts';
import { stateSuite } from './state-suite.ts';
import { tablesSuite } from './tables-suite.ts';
import { zookeeperHarness } from './zookeeper-harness.ts';

describe('the network state database on ZooKeeper', function () {
  this.timeout(30_000);
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
});
