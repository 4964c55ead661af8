import { embeddedHarness } from './embedded-harness.ts';
import { loadSuite } from './load-suite.ts';
import { modelSuite } from './model-suite.ts';
import { natSuite } from './nat-suite.ts';
import { objectsSuite } from './objects-suite.ts';
import { stateSuite } from './state-suite.ts';
import { tablesSuite } from './tables-suite.ts';
import { writesSuite } from './writes-suite.ts';

describe('the embedded network state database', () => {
  objectsSuite(embeddedHarness);
  stateSuite(embeddedHarness);
  tablesSuite(embeddedHarness);
  natSuite(embeddedHarness);
  loadSuite(embeddedHarness);
  writesSuite(embeddedHarness);
  modelSuite(embeddedHarness, 2000);
});
