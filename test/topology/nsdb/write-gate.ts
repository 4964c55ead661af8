import { connect, createServer, type Server, type Socket } from 'node:net';
import type { SessionKey } from '../../../topology/nsdb/zookeeper/client/client-options.ts';

/** Operations that change something (ZooKeeper's `ZooDefs.OpCode`): create, delete, setData, setACL, multi, and the other ways to create. */
const WRITES: ReadonlySet<number> = new Set([1, 2, 5, 7, 14, 15, 19, 20, 21]);

/**
 * A way to a server that lets some writes through and keeps back the next one, and whatever comes behind it: whoever is killed then has made
 * just those. It is for one client.
 */
export class WriteGate {
  /** Resolves when a write was kept back. */
  readonly shut: Promise<void>;
  readonly #server: Server;
  readonly #sockets: Socket[] = [];
  #writesLeft: number;
  #answer: Buffer = Buffer.alloc(0);
  #isShut: () => void = () => {};

  private constructor(server: Server, target: number, writes: number) {
    this.#server = server;
    this.#writesLeft = writes;
    this.shut = new Promise((resolve) => (this.#isShut = resolve));
    server.on('connection', (client) => this.#join(client, connect(target, '127.0.0.1')));
  }

  /** @param writes how many it lets through */
  static async to(target: number, writes: number): Promise<WriteGate> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new WriteGate(server, target, writes);
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** By what the server knows the client's session: its first answer, behind a length, has version, timeout, id, and password. */
  get session(): SessionKey {
    return {
      id: this.#answer.subarray(12, 20),
      password: this.#answer.subarray(24, 24 + this.#answer.readInt32BE(20)),
    };
  }

  /** Breaks the connection, and takes no other. */
  cut(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Resolves when it has ended, after the client. */
  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, server: Socket): void {
    const requests = new Requests();
    let isGreeting = true;
    let isOpen = true;
    client.on('data', (chunk: Buffer) => {
      for (const request of requests.push(chunk)) {
        const isWrite = !isGreeting && WRITES.has(request.readInt32BE(8));
        isGreeting = false;
        if (isWrite && this.#writesLeft-- <= 0) isOpen = false;
        if (isOpen) server.write(request);
        else this.#isShut();
      }
    });
    server.once('data', (chunk: Buffer) => (this.#answer = chunk));
    server.pipe(client);
    client.on('close', () => server.end());
    server.on('close', () => client.destroy());
    for (const socket of [client, server]) {
      this.#sockets.push(socket);
      socket.on('error', () => socket.destroy());
    }
  }
}

/** Cuts what a client says into requests, each behind its length in four octets. */
class Requests {
  #rest: Buffer = Buffer.alloc(0);

  *push(chunk: Buffer): Generator<Buffer, void> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 4 && this.#rest.length >= 4 + this.#rest.readInt32BE(0)) {
      const end = 4 + this.#rest.readInt32BE(0);
      yield this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end);
    }
  }
}
