import { deepEqual, equal, match } from 'node:assert/strict';
import { generateTopology } from '../../topology/file/generate.ts';
import { WriteGate } from '../../topology/nsdb/write-gate.ts';
import { call } from '../call.ts';
import { describeOnStage } from './stage.ts';

const FILE = 'examples/two-hosts.yaml';

describeOnStage('troupe topology on a database that cannot be had', (stage) => {
  for (const words of [['apply', FILE], ['apply', FILE, '--dry-run'], ['diff', FILE], ['export'], ['show']]) {
    it(`says so in one line when no server is there: ${words.join(' ')}`, async () => {
      const nowhere = ['--nsdb', 'zookeeper://me:secret@127.0.0.1:1/x'];
      const { exitCode, out, err } = await call(['topology', ...words, ...nowhere]);
      deepEqual([exitCode, out], [3, '']);
      match(
        err,
        /^troupe: zookeeper:\/\/me:\*\*\*@127\.0\.0\.1:1\/x: no ZooKeeper server of 127\.0\.0\.1:1 let .* in within \d+ ms\n$/,
      );
    });
  }

  it('says in one line that the credentials are wrong', async () => {
    const url = stage().url().replace('troupe:secret', 'troupe:guess');
    const { exitCode, out, err } = await call(['topology', 'diff', FILE, '--nsdb', url]);
    deepEqual([exitCode, out], [3, '']);
    match(stage().plain(err), /^troupe: zookeeper:\/\/troupe:\*\*\*@HERE .*\n$/);
  });

  for (const words of [['apply', FILE], ['diff', FILE], ['export']]) {
    it(`says in one line that none is named: ${words.join(' ')}`, async () => {
      const { exitCode, err } = await call(['topology', ...words]);
      equal(exitCode, 2);
      match(err, /^troupe: no database is named: .*\n$/);
    });
  }

  it('says, when the server is lost in between, how much is known to be done; applying again does the rest', async () => {
    const path = stage().file('large.yaml', generateTopology(2000));
    await stage().topology('apply', stage().file('nothing.yaml', '{}')); // now the lock has a place
    const gate = await WriteGate.to(stage().port, 2); // the lock, and the first of several transactions
    const work = call(['topology', 'apply', path, '--nsdb', stage().url(gate.port)]);
    await gate.shut;
    gate.cut();
    const { exitCode, err } = await work;
    equal(exitCode, 3);
    match(
      stage().plain(err),
      /^troupe: known to be done: 1 of \d steps; applying again does the rest\ntroupe: zookeeper:\/\/troupe:\*\*\*@HERE .*: the link broke .*\n$/,
    );
    equal((await stage().topology('apply', path)).exitCode, 0);
  });
});
