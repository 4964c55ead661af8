import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut. */
export class TcpProxy {
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  /** Who is joined with the server, and by which socket. */
  readonly #pairs = new Map<Socket, Socket>();
  readonly #listeners: ((octets: Buffer) => void)[] = [];
  #held: Socket[] = [];
  #mode: 'open' | 'cut' | 'held' = 'open';

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async to(target: number): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TcpProxy(server, target);
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Breaks all connections and takes no others. */
  cut(): void {
    this.#mode = 'cut';
    for (const socket of this.#sockets) socket.destroy();
    this.#held = [];
  }

  /** Lets so many octets more of each server's answers through, then breaks the connection. Others are taken at once. */
  breakAfter(octets: number): void {
    for (const [client, server] of this.#pairs) {
      let left = octets;
      server.unpipe(client);
      server.on('data', (chunk: Buffer) => {
        const part = chunk.subarray(0, left);
        left -= part.length;
        if (left > 0) client.write(part);
        else if (!client.writableEnded) client.end(part);
      });
      server.resume();
    }
  }

  /** Keeps the server's answers back from now on, on the connections that stand. */
  mute(): void {
    for (const [client, server] of this.#pairs) server.unpipe(client);
  }

  /** Resolves, when the next connection has ended, to all that the client said over it. */
  next(): Promise<Buffer> {
    return new Promise((resolve) => this.#listeners.push(resolve));
  }

  /** Takes connections, and lets them wait. Those that stand are left alone. */
  hold(): void {
    this.#mode = 'held';
  }

  restore(): void {
    this.#mode = 'open';
    for (const socket of this.#held.splice(0)) this.#join(socket);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    this.#keep(socket);
    this.#listen(socket);
    if (this.#mode === 'cut') socket.destroy();
    else if (this.#mode === 'held') this.#held.push(socket);
    else this.#join(socket);
  }

  #join(socket: Socket): void {
    if (socket.destroyed) return;
    const other = connect(this.#target, '127.0.0.1');
    this.#keep(other);
    other.setNoDelay();
    socket.setNoDelay();
    socket.pipe(other);
    other.pipe(socket);
    this.#pairs.set(socket, other);
    socket.on('close', () => {
      this.#pairs.delete(socket);
      other.destroy();
    });
    other.on('close', () => socket.destroy());
  }

  #listen(socket: Socket): void {
    const listener = this.#listeners.shift();
    if (listener === undefined) return;
    const said: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => said.push(chunk));
    socket.on('close', () => listener(Buffer.concat(said)));
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
