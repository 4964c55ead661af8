import { equal, match } from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { behindOf } from '../../../topology/nsdb/zookeeper/behind.ts';

const [EPOCH_1, EPOCH_2] = [2 ** 32, 2 * 2 ** 32];

describe('servers that refuse who has seen more', () => {
  const servers: Server[] = [];

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  });

  /** A server that says one thing, whatever it is asked. */
  const saying = async (text: string): Promise<string> => {
    const server = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(text)));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  };
  const at = (zxid: string) => saying(`Zookeeper version: 3.9.4\nZxid: ${zxid}\nMode: follower\n`);

  it('are found to be behind when none has got as far, by the one that has got furthest', async () => {
    const [one, two] = [await at('0x100000002'), await at('0x100000010')];
    const sentence = (await behindOf(`${one},${two}`, EPOCH_1 + 17)) ?? '';
    match(sentence, /^the server's data are older than what was seen: /);
    match(sentence, new RegExp(`: ${two} has got as far as 0x100000010, and 0x100000011 had been seen\\. `));
    match((await behindOf(one, EPOCH_2)) ?? '', /0x200000000 had been seen/); // counters begin anew under each leader
  });

  it('are not, when one has got as far: it will let us in', async () => {
    const [one, two] = [await at('0x100000002'), await at('0x100000011')];
    equal(await behindOf(`${one},${two}`, EPOCH_1 + 17), undefined);
  });

  it('are not, as far as is known, when none serves or tells', async () => {
    const mute = [
      '127.0.0.1:1',
      await saying('This ZooKeeper instance is not currently serving requests\n'),
      await saying('srvr is not executed because it is not in the whitelist.\n'),
    ];
    equal(await behindOf(mute.join(','), EPOCH_1), undefined);
    match((await behindOf([...mute, await at('0x5')].join(','), EPOCH_1)) ?? '', /has got as far as 0x5,/);
  });
});
