import { describeOnZookeeper } from '../../on-zookeeper.ts';
import { clientSuite } from './zookeeper-client-suite.ts';
import { faultsSuite } from './zookeeper-faults-suite.ts';
import { loadSuite } from './load-suite.ts';
import { modelSuite } from './model-suite.ts';
import { objectsSuite } from './objects-suite.ts';
import { stateSuite } from './state-suite.ts';
import { tablesSuite } from './tables-suite.ts';
import { writesSuite } from './writes-suite.ts';
import { zookeeperHarness } from './zookeeper-harness.ts';
import { zookeeperSuite } from './zookeeper-suite.ts';

describeOnZookeeper('the network state database on ZooKeeper', (server) => {
  const openHarness = () => zookeeperHarness(server().port);
  objectsSuite(openHarness);
  stateSuite(openHarness);
  tablesSuite(openHarness);
  loadSuite(openHarness);
  writesSuite(openHarness);
  modelSuite(openHarness, 10);
  zookeeperSuite(server);
  clientSuite(server);
  faultsSuite(server); // last: it kills the server, and starts it again
});
