import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut. */
export class TcpProxy {
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  /** Who is joined with the server, and by which socket. */
  readonly #pairs = new Map<Socket, Socket>();
  readonly #listeners: ((octets: Buffer) => void)[] = [];
  readonly #gates: ((request: Buffer) => boolean)[] = [];
  readonly #stalled: Socket[] = [];
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

  /**
   * Lets requests of the next client through, one by one, up to the first that is not to pass: that one is kept back, and all after it.
   * Resolves when that one has come.
   */
  holdFrom(isIt: (request: Buffer) => boolean): Promise<void> {
    return new Promise((resolve) => {
      let isHeld = false;
      this.#gates.push((request) => {
        isHeld ||= isIt(request);
        if (isHeld) resolve();
        return !isHeld;
      });
    });
  }

  /** Takes connections, and lets them wait. Those that stand are left alone. */
  hold(): void {
    this.#mode = 'held';
  }

  /** The next request of a kind is done by the server, but its answer is lost, and the connection with it. Others are taken at once. */
  loseAnswer(kind: number): void {
    for (const [client, server] of this.#pairs) {
      let lost: number | undefined;
      onFrames(client, (frame) => {
        if (frame.readInt32BE(8) === kind) lost ??= frame.readInt32BE(4);
      });
      server.unpipe(client);
      onFrames(server, (frame) => {
        if (frame.readInt32BE(4) === lost) client.destroy();
        else client.write(frame);
      });
      server.resume();
    }
  }

  /** Lets nothing through any more, either way, and says so to nobody: connections stand, new ones are taken and wait. */
  stall(): void {
    this.#mode = 'held';
    for (const [client, server] of this.#pairs) {
      client.unpipe(server).pause();
      server.unpipe(client).pause();
      this.#stalled.push(client);
    }
  }

  restore(): void {
    this.#mode = 'open';
    for (const socket of this.#stalled.splice(0)) socket.destroy();
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
    const mayPass = this.#gates.shift();
    if (mayPass === undefined) socket.pipe(other);
    else
      onFrames(socket, (request) => {
        if (mayPass(request)) other.write(request);
      });
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

/** Hears of each request or answer, with its length before it; then come its number and, in a request, its kind. */
function onFrames(socket: Socket, hear: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      hear(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  });
}
