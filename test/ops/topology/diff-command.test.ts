import { deepEqual, equal } from 'node:assert/strict';
import type { DiffOutput } from '../../../ops/commands/topology/outputs.ts';
import { equalsGolden } from '../../golden.ts';
import { fitsSchema } from './fits-schema.ts';
import { AFTER, BEFORE } from './networks.ts';
import { describeOnStage } from './stage.ts';

describeOnStage('troupe topology diff', (stage) => {
  const troupe = (...words: readonly string[]) => stage().topology(...words);
  const file = (name: string, text: string) => stage().file(name, text);

  it('shows what differs and exits with 1, and with 0 and nothing where all is the same', async () => {
    await troupe('apply', file('before.yaml', BEFORE));
    const { exitCode, out } = await troupe('diff', file('after.yaml', AFTER));
    equal(exitCode, 1);
    equalsGolden(out, 'test/ops/topology/golden/apply-pruning.txt');
    deepEqual(await troupe('diff', '-q', file('before.yaml', BEFORE)), { exitCode: 0, out: '', err: '' });
    const json = (path: string) => troupe('diff', '-o', 'json', path);
    const same = (await json(file('before.yaml', BEFORE))).out;
    const different = (await json(file('after.yaml', AFTER))).out;
    deepEqual(
      [same, different].map((told) => (JSON.parse(told) as DiffOutput).same),
      [true, false],
    );
    fitsSchema(same, 'topology-diff');
    fitsSchema(different, 'topology-diff');
  });
});
