import { deepEqual, equal } from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ZookeeperAddress } from '../../../topology/nsdb/zookeeper/address.ts';
import { askServer } from '../../../topology/nsdb/zookeeper/four-letter-word.ts';
import { withClient } from '../../../topology/nsdb/zookeeper/one-client.ts';
import { JOURNAL, JOURNAL_OWNER } from '../../../topology/nsdb/zookeeper/tree.ts';
import { CREDENTIALS, describeOnZookeeper, freshRoot } from '../../on-zookeeper.ts';
import { until } from '../../topology/nsdb/writers.ts';
import { call } from '../call.ts';
import { fill, urlOf } from './database-at.ts';

const COMMANDS = [
  ['nsdb', 'check'],
  ['nsdb', 'check', '--repair'],
  ['nsdb', 'tree'],
  ['nsdb', 'backup', 'FILE'],
  ['topology', 'export'],
  ['topology', 'apply', 'examples/two-hosts.yaml', '--yes'],
] as const;

/** How many watches are set at the server. */
async function watchesAt({ servers }: ZookeeperAddress): Promise<number> {
  const answer = await askServer(servers, 'wchs', 5000);
  return Number(answer.kind === 'answer' ? /Total watches:(\d+)/.exec(answer.text)?.[1] : undefined);
}

describe('a command on a database, interrupted while no server lets it in', () => {
  for (const words of COMMANDS) {
    it(`tries no more, and exits so: ${words.join(' ')}`, async () => {
      const interruption = new AbortController();
      let attempts = 0;
      const server = createServer((socket) => {
        attempts++;
        socket.destroy();
        interruption.abort();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const address = { servers: `127.0.0.1:${port}`, root: '/nowhere', credentials: CREDENTIALS };
      const called = await call([...words, '--nsdb', urlOf(address)], {}, interruption.signal);
      deepEqual([called, attempts], [{ exitCode: 130, out: '', err: '' }, 1]);
      await new Promise((resolve) => server.close(resolve));
    });
  }
});

describeOnZookeeper('troupe nsdb restore --replace, interrupted before it counts', (server) => {
  it('says that nothing was changed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'troupe-interrupted-'));
    const file = join(folder, 'net.backup');
    const address = { servers: `127.0.0.1:${server().port}`, root: freshRoot(), credentials: CREDENTIALS };
    await fill(address, 500, 2000);
    await call(['nsdb', 'backup', file, '--nsdb', urlOf(address)]);
    const other = { ...address, root: freshRoot() };
    await fill(other, 1);
    await withClient({ ...other, sessionTimeout: 10_000 }, async (client) => {
      const interruption = new AbortController();
      const calling = call(['nsdb', 'restore', file, '--replace', '--nsdb', urlOf(other)], {}, interruption.signal);
      await until(async () => (await client.data(JOURNAL)).value?.data.toString().includes('frozen') === true);
      interruption.abort();
      deepEqual(await calling, { exitCode: 130, out: '', err: 'troupe: interrupted: nothing was changed\n' });
      equal((await client.children('/zoom/0/models/Port')).value?.names.length, 1);
    });
    rmSync(folder, { recursive: true });
  });
});

describeOnZookeeper('a command on a database, interrupted while somebody carries out a large change', (server) => {
  const waiting = COMMANDS.filter(([, command]) => command !== 'tree'); // shows half of a change too
  for (const words of waiting) {
    it(`waits no more, and leaves nothing: ${words.join(' ')}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'troupe-interrupted-'));
      const file = join(folder, 'net.backup');
      const address: ZookeeperAddress = {
        servers: `127.0.0.1:${server().port}`,
        root: freshRoot(),
        credentials: CREDENTIALS,
      };
      await fill(address, 2);
      await withClient({ ...address, sessionTimeout: 10_000 }, async (client) => {
        const state = { state: 'committed', id: 'x', parts: 1, next: 0 };
        await client.multi([
          { kind: 'create', path: JOURNAL_OWNER, data: Buffer.from('x'), mode: 'ephemeral' },
          { kind: 'set', path: JOURNAL, data: Buffer.from(JSON.stringify(state)) },
        ]);
        const before = await watchesAt(address);
        const interruption = new AbortController();
        const said = words.map((word) => (word === 'FILE' ? file : word));
        const calling = call([...said, '--nsdb', urlOf(address)], {}, interruption.signal);
        await until(async () => (await watchesAt(address)) > before);
        interruption.abort();
        const { exitCode, out } = await calling;
        deepEqual([exitCode, out, existsSync(file)], [130, '', false]);
        equal((await client.data(JOURNAL)).value?.data.toString(), JSON.stringify(state));
      });
      rmSync(folder, { recursive: true });
    });
  }
});
