import { deepEqual, equal, match } from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { NSDB_SCHEMAS } from '../../../ops/commands/nsdb/output-schemas.ts';
import type { StatusOutput } from '../../../ops/commands/nsdb/outputs.ts';
import { ZookeeperServer, zookeeperLib } from '../../../ops/servers/zookeeper-server.ts';
import { until } from '../../topology/nsdb/writers.ts';
import { call } from '../call.ts';

describe('troupe nsdb status', function () {
  this.timeout(180_000);

  it('needs a database to ask', async () => {
    const { exitCode, err } = await call(['nsdb', 'status']);
    equal(exitCode, 2);
    match(err, /^troupe: no database is named: --nsdb zookeeper:/);
  });

  it('tells why there is no answer, be there no server at all; exit code 3', async () => {
    const { exitCode, out, err } = await call(['nsdb', 'status', '--nsdb', 'zookeeper://a:secret@127.0.0.1:1']);
    deepEqual([exitCode, err], [3, '']);
    match(out, /^127\.0\.0\.1:1 +down$/m);
    match(out, /✗ 127\.0\.0\.1:1 refuses connections: no server listens there\n✗ 0 of 1 serve: no quorum/);
  });

  it('tells programs the same, as its schema has it', async () => {
    const { exitCode, out } = await call([
      'nsdb',
      'status',
      '--nsdb',
      'zookeeper://a:secret@127.0.0.1:1',
      '-o',
      'json',
    ]);
    equal(exitCode, 3);
    const { verdict, leader, servers } = toldBy(out);
    deepEqual([verdict, leader, servers.map(({ kind }) => kind)], ['no-quorum', null, ['silent']]);
  });

  if (zookeeperLib() === undefined) return; // zookeeper.test.ts says so

  describe('of three servers', () => {
    let servers: readonly ZookeeperServer[] = [];
    let nsdb: string;
    const names = () => servers.map(({ port }) => `127.0.0.1:${port}`);
    const ask = (...words: readonly string[]) => call(['nsdb', 'status', '--nsdb', nsdb, ...words]);

    before(async () => {
      servers = await ZookeeperServer.startEnsemble(3);
      nsdb = `zookeeper://troupe:secret@${names().join(',')}/troupe`;
    });
    after(async () => {
      for (const server of servers) server.thaw();
      await Promise.all(servers.map((server) => server.stop()));
    });

    it('shows all fine, then one dead, then one frozen, each with the reason, and what that comes to', async () => {
      await until(async () => (await ask()).exitCode === 0); // the last follower may be still on its way
      const fine = await ask();
      equal(fine.exitCode, 0);
      deepEqual(
        toldBy((await ask('-o', 'json')).out).servers.map(({ kind }) => kind),
        ['serving', 'serving', 'serving'],
      );
      for (const name of names()) match(fine.out, new RegExp(`^${name} +(leader|follower) .* 3\\.9\\.4$`, 'm'));
      match(fine.out, /✓ 3 of 3 serve, leader 127\.0\.0\.1:\d+: fine; 1 more may fail/);

      const roles = await Promise.all(servers.map((server) => server.role()));
      const [one, other] = servers.filter((_, n) => roles[n] === 'follower');
      await one?.kill();
      await until(async () => (await ask()).out.includes('1 of 2 followers in step'));
      const degraded = await ask();
      equal(degraded.exitCode, 1);
      match(degraded.out, new RegExp(`✗ 127.0.0.1:${one?.port} refuses connections: no server listens there`));
      match(degraded.out, /◷ 2 of 3 serve, leader .*: a quorum, but something is wrong; none more may fail/);

      other?.freeze();
      await until(async () => (await ask('--timeout', '1.5')).exitCode !== 1); // it takes the system a moment
      const frozen = await ask('--timeout', '1.5', '-o', 'json');
      equal(frozen.exitCode, 3);
      const told = toldBy(frozen.out);
      equal(told.verdict, 'no-quorum');
      const silent = told.servers.find(({ server }) => server === `127.0.0.1:${other?.port}`);
      deepEqual(silent?.kind === 'silent' && [silent.kind, silent.why], [
        'silent',
        'takes connections, and gives no answer within 1500 ms',
      ]);
      other?.thaw();
      await one?.restart();
      await until(async () => (await ask()).exitCode === 0);
    });
  });
});

/** What was told to a program, which its schema describes whole. */
function toldBy(out: string): StatusOutput {
  const told = JSON.parse(out) as StatusOutput;
  const validate = new Ajv2020({ strict: true, allErrors: true }).compile(NSDB_SCHEMAS.get('nsdb-status') ?? false);
  validate(told);
  deepEqual(validate.errors ?? [], []);
  return told;
}
