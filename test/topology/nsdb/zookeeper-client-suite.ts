import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import type { ZookeeperServer } from '../../../ops/servers/zookeeper-server.ts';
import type { ClientListener } from '../../../topology/nsdb/zookeeper/client/client-listener.ts';
import type { ClientOptions } from '../../../topology/nsdb/zookeeper/client/client-options.ts';
import { REQUEST_BYTES } from '../../../topology/nsdb/zookeeper/client/operation.ts';
import { ZookeeperClient } from '../../../topology/nsdb/zookeeper/client/zookeeper-client.ts';
import { CREDENTIALS, freshRoot } from '../../on-zookeeper.ts';
import { zkCli } from '../../zk-cli.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { connected } from './zookeeper-harness.ts';

const NOTHING = Buffer.alloc(0);
// Kinds of requests, as they stand on the wire.
const [GET_DATA, CLOSE_SESSION] = [4, -11];

/** What the wrapped client does that the library does not. Each test is named in docs/zookeeper-client.md. */
export function clientSuite(serverOf: () => ZookeeperServer): void {
  let options: ClientOptions;
  let client: ZookeeperClient;
  let proxy: TcpProxy;
  let heard: string[];
  let listener: ClientListener;

  beforeEach(async () => {
    heard = [];
    const hear = (word: string) => () => void heard.push(word);
    listener = {
      connected: hear('connected'),
      lost: hear('lost'),
      unreachable: hear('unreachable'),
      refused: hear('refused'),
      expired: hear('expired'),
      changed: (path, kind) => heard.push(`${path} ${kind}`),
      report: (cause) => heard.push(`report ${String(cause)}`),
    };
    proxy = await TcpProxy.to(serverOf().port);
    const servers = `127.0.0.1:${proxy.port}`;
    options = { servers, root: freshRoot(), credentials: CREDENTIALS, sessionTimeout: 10_000 };
    client = await open();
    await client.plantRoot();
  });

  afterEach(async () => {
    await client.close();
    await proxy.close();
  });

  const open = async (changes: Partial<ClientOptions> = {}, hearer = listener): Promise<ZookeeperClient> => {
    const made = new ZookeeperClient({ ...options, ...changes }, hearer);
    made.connect();
    await told('connected');
    heard.length = 0;
    return made;
  };
  /** Resolves when a word was heard. */
  const told = async (word: string): Promise<void> => {
    // oxlint-disable-next-line eslint/no-await-in-loop -- looked at again and again
    while (!heard.includes(word)) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  const create = (path: string, data = NOTHING) => client.multi([{ kind: 'create', path, data }]);

  describe('the client', () => {
    it('checks a version of 0 as any other', async () => {
      await create('/a');
      await client.multi([{ kind: 'set', path: '/a', data: NOTHING, version: 0 }]);
      const operations = ['check', 'delete'] as const;
      for (const kind of operations) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- one after another
        await rejects(
          client.multi([
            { kind: 'check', path: '/a' },
            { kind, path: '/a', version: 0 },
          ]),
          {
            fault: 'bad-version',
            index: 1,
          },
        );
      }
      await rejects(client.multi([{ kind: 'set', path: '/a', data: NOTHING, version: 0 }]), { fault: 'bad-version' });
    });

    it('sends what the server takes, and refuses the rest before it is sent', async () => {
      const room = REQUEST_BYTES - client.weigh([{ kind: 'create', path: '/a', data: NOTHING }]);
      await create('/a', Buffer.alloc(room, 1));
      equal((await client.data('/a')).value?.data.length, room);
      await rejects(create('/b', Buffer.alloc(room + 1, 1)), { fault: 'too-large' });
      deepEqual(heard, []); // the server did not cut us off
    });

    it('counts its requests anew before the counter leaves 32 bits', async () => {
      const other = await open({ firstRequest: 2 ** 31 - 100 });
      await Promise.all(Array.from({ length: 400 }, () => other.stat('/')));
      await other.close();
    });

    it('reads an absent node, an empty one and one without data as what they are', async () => {
      await create('/a');
      equal((await client.data('/a')).value?.data.length, 0);
      deepEqual(
        [await client.data('/b'), await client.children('/b'), await client.stat('/b')].map(({ value }) => value),
        [undefined, undefined, undefined],
      );
      const { user, password } = CREDENTIALS;
      await zkCli(serverOf().port, [], `addauth digest ${user}:${password}\ncreate ${options.root}/b\nquit\n`);
      equal((await client.data('/b')).value?.data.length, 0);
      await client.multi([{ kind: 'delete', path: '/b' }]); // it is open to the world
    });

    it('outlives a listener that throws, and reports it', async () => {
      await create('/a');
      const other = await open(
        {},
        {
          ...listener,
          changed: () => {
            throw new RangeError('mine');
          },
        },
      );
      await other.data('/a', true);
      await client.multi([{ kind: 'set', path: '/a', data: NOTHING }]);
      await told('report RangeError: mine');
      await other.stat('/');
      await other.close();
    });

    it('has heard of all that was written before its barrier', async () => {
      const other = await open();
      for (let round = 0; round < 20; round++) {
        /* oxlint-disable eslint/no-await-in-loop -- round after round */
        await create(`/n${round}`);
        await other.data(`/n${round}`, true);
        await client.multi([{ kind: 'set', path: `/n${round}`, data: NOTHING }]);
        await other.sync();
        ok(heard.includes(`/n${round} data`));
        /* oxlint-enable eslint/no-await-in-loop */
      }
      await other.close();
    });

    it('passes a write barrier that is a transaction of its own, and changes nothing', async () => {
      const other = await open();
      await create('/a');
      await other.barrier();
      const { seen } = other;
      ok(seen > client.seen);
      await client.barrier();
      ok(client.seen > seen);
      deepEqual((await other.data('/')).value?.stat.version, 0);
      await other.close();
    });

    it('is let in by no server that is behind what had been seen before', async () => {
      await create('/a');
      const ahead = new ZookeeperClient({ ...options, seen: client.seen + 2 ** 32 }, listener);
      ahead.connect();
      await told('unreachable');
      deepEqual(heard.slice(0, 2), ['refused', 'unreachable']);
      ahead.abandon();
      const level = await open({ seen: client.seen });
      await level.close();
    });

    it('answers at once, and not never, what is asked while there is no connection', async () => {
      proxy.cut();
      await told('lost');
      await rejects(client.data('/'), { fault: 'connection-loss' });
      await told('unreachable');
      proxy.restore();
      await told('connected');
      await client.data('/');
    });

    it('answers what was under way when the connection broke', async () => {
      const asked = Array.from({ length: 1000 }, () => client.data('/'));
      proxy.cut();
      for (const result of await Promise.allSettled(asked)) {
        if (result.status === 'rejected') equal((result.reason as { fault: string }).fault, 'connection-loss');
      }
      proxy.restore();
    });

    it('reads nothing of a broken answer into the next connection', async () => {
      await create('/a', Buffer.alloc(1000, 1));
      for (const octets of [2, 100]) {
        /* oxlint-disable eslint/no-await-in-loop -- within the length of an answer, and behind it */
        heard.length = 0;
        proxy.breakAfter(octets);
        await rejects(client.data('/a'), { fault: 'connection-loss' });
        await told('connected');
        equal((await client.data('/a')).value?.data.length, 1000);
        deepEqual(heard, ['lost', 'connected']);
        /* oxlint-enable eslint/no-await-in-loop */
      }
    });

    it('has its rights before its first request, on each new connection too', async () => {
      await create('/a');
      for (let round = 0; round < 3; round++) {
        /* oxlint-disable eslint/no-await-in-loop -- round after round */
        heard.length = 0;
        proxy.cut();
        await told('lost');
        const offline = client.data('/a').catch((error: unknown) => error); // would go out before the credentials
        const early = new Promise((resolve) => {
          listener.connected = () => resolve(client.data('/a'));
        });
        proxy.restore();
        await early;
        match(String(await offline), /connection-loss/);
        /* oxlint-enable eslint/no-await-in-loop */
      }
    });

    it('sets more watches anew than one packet holds, and hears what it missed', async () => {
      const paths = Array.from({ length: 15_000 }, (_, n) => `/${'x'.repeat(80)}-${n}`); // 1.5 MB
      await Promise.all(paths.map((path) => client.stat(path, true)));
      const other = await connected({ ...options, servers: `127.0.0.1:${serverOf().port}` });
      proxy.cut();
      await told('lost');
      const missed = [paths[0] ?? '', paths[9000] ?? ''];
      await other.multi(missed.map((path) => ({ kind: 'create', path, data: NOTHING })));
      proxy.restore();
      await told('connected');
      await client.sync();
      deepEqual(
        heard.filter((word) => word.endsWith(' data')).toSorted(),
        missed.map((path) => `${path} data`).toSorted(),
      );
      heard.length = 0;
      await other.multi([{ kind: 'create', path: paths[14_999] ?? '', data: NOTHING }]);
      await client.sync();
      deepEqual(heard, [`${paths[14_999]} data`]);
      await other.close();
    });

    it('keeps its session while it only listens', async () => {
      const other = await open({ sessionTimeout: 2000 });
      const paths = Array.from({ length: 35 }, (_, n) => `/n${n}`);
      await client.multi(paths.map((path) => ({ kind: 'create', path, data: NOTHING })));
      await Promise.all(paths.map((path) => other.data(path, true)));
      for (const path of paths) {
        /* oxlint-disable eslint/no-await-in-loop -- an event now and then keeps the library from sending pings */
        await client.multi([{ kind: 'set', path, data: NOTHING }]);
        await new Promise((resolve) => setTimeout(resolve, 100));
        /* oxlint-enable eslint/no-await-in-loop */
      }
      ok(!heard.includes('lost'));
      await other.close();
    });

    it('gives up on a server that takes connections and never answers', async () => {
      const silent: Server = createServer();
      const tries = new Promise<void>((resolve) => {
        let count = 0;
        silent.on('connection', (socket) => {
          socket.on('error', () => {}).resume();
          if (++count === 2) resolve();
        });
      });
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const address = silent.address();
      ok(typeof address === 'object' && address !== null);
      const servers = `127.0.0.1:${address.port}`;
      const other = new ZookeeperClient({ ...options, servers, sessionTimeout: 2000 }, listener);
      other.connect();
      await tries; // it tries anew; the next server, where it knows of several
      other.abandon();
      await new Promise((resolve) => silent.close(resolve));
    });

    it('outlives an answer that it cannot read, and reports it', async () => {
      const garbled = createServer((socket) => {
        socket.on('error', () => {}).resume();
        socket.write(Buffer.from([0, 0, 0, 2, 1, 2])); // two octets, where a session should be
      });
      await new Promise<void>((resolve) => garbled.listen(0, '127.0.0.1', resolve));
      const address = garbled.address();
      ok(typeof address === 'object' && address !== null);
      const other = new ZookeeperClient({ ...options, servers: `127.0.0.1:${address.port}` }, listener);
      other.connect();
      await told('unreachable');
      other.abandon();
      match(heard[0] ?? '', /^report .*out of/);
      await new Promise((resolve) => garbled.close(resolve));
    });

    it('has no more than 256 requests under way', async () => {
      const wire = proxy.next();
      const other = await open();
      proxy.mute();
      const asked = Promise.allSettled(Array.from({ length: 1000 }, () => other.data('/')));
      await other.close(); // after what was sent; the rest is refused
      const kinds = kindsOf(await wire).slice(2); // behind the opening of the session, and the credentials
      deepEqual([kinds.length, new Set(kinds.slice(0, -1)), kinds.at(-1)], [257, new Set([GET_DATA]), CLOSE_SESSION]);
      ok((await asked).every(({ status }) => status === 'rejected'));
    });

    it('leaves its session alone when it is given up just before it tries again', async () => {
      const tried = new Promise<Buffer>((resolve) => {
        listener.unreachable = () =>
          queueMicrotask(() => {
            client.abandon();
            proxy.restore();
            void proxy.next().then(resolve);
          });
      });
      proxy.cut();
      equal((await tried).length, 0);
    });
  });
}

/** The kinds of the requests in what a client said: each has its length before it, and its number before its kind. */
function kindsOf(said: Buffer): readonly number[] {
  const kinds: number[] = [];
  for (let at = 0; at < said.length; at += 4 + said.readInt32BE(at)) kinds.push(said.readInt32BE(at + 8));
  return kinds;
}
