import { describeOnZookeeper } from '../../on-zookeeper.ts';
import { clientSuite } from './zookeeper-client-suite.ts';
import { faultsSuite } from './zookeeper-faults-suite.ts';
import { loadSuite } from './load-suite.ts';
import { modelSuite } from './model-suite.ts';
import { natSuite } from './nat-suite.ts';
import { objectsSuite } from './objects-suite.ts';
import { stateSuite } from './state-suite.ts';
import { tablesSuite } from './tables-suite.ts';
import { zookeeperHarness } from './zookeeper-harness.ts';
import { backupSuite } from './zookeeper-backup-suite.ts';
import { checkSuite } from './zookeeper-check-suite.ts';
import { malformedSuite } from './zookeeper-malformed-suite.ts';
import { rightsSuite } from './zookeeper-rights-suite.ts';
import { schemaSuite } from './zookeeper-schema-suite.ts';
import { zookeeperSuite } from './zookeeper-suite.ts';

describeOnZookeeper('the network state database on ZooKeeper', (server) => {
  const openHarness = () => zookeeperHarness(server().port);
  objectsSuite(openHarness);
  stateSuite(openHarness);
  tablesSuite(openHarness);
  natSuite(openHarness);
  loadSuite(openHarness);
  modelSuite(openHarness, 10);
  // Each by itself: what it prepares for its tests is for these alone.
  describe('as its own', () => zookeeperSuite(server));
  describe('and rights', () => rightsSuite(server));
  describe('and nodes written by hand', () => malformedSuite(server));
  describe('under upkeep', () => checkSuite(server));
  describe('in a file', () => backupSuite(server));
  describe('of several versions', () => schemaSuite(server));
  describe('by its client', () => clientSuite(server));
  describe('under faults', () => faultsSuite(server)); // last: it kills the server, and starts it again
});
