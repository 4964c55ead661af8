import { match } from 'node:assert/strict';
import { equalsGolden } from '../../golden.ts';
import { call } from '../call.ts';
import { describeOnStage } from './stage.ts';

describeOnStage('troupe topology show', (stage) => {
  const troupe = (...words: readonly string[]) => stage().topology(...words);

  beforeEach(() => troupe('apply', 'examples/two-bridges.yaml'));

  it('looks at the database where no file is named', async () => {
    equalsGolden((await troupe('show')).out, 'test/ops/topology/golden/show-database.txt');
  });

  it('takes all its words for names where --nsdb is given', async () => {
    match((await troupe('show', '--nsdb', stage().url(), 'db')).out, /^bridge db\n( .*\n)+$/);
    match((await troupe('show', '--nsdb', stage().url(), 'edgy')).err, /did you mean "edge"\?/);
  });

  it('asks for a file or a database where neither is named, as graph does', async () => {
    for (const word of ['show', 'graph']) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after another
      match((await call(['topology', word])).err, /^troupe: a topology file is missing, or --nsdb/);
    }
  });

  it('has a sister, graph, that draws the database; or a file, but not both', async () => {
    match((await troupe('graph', '-o', 'mermaid')).out, /^flowchart TB\n(.*\n)*.*<b>edge<\/b> router/);
    match((await troupe('graph', '--nsdb', stage().url(), 'x.yaml')).err, /a file and --nsdb: either/);
  });
});
