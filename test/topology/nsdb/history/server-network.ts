import { connect, createServer, type Server, type Socket } from 'node:net';
import type { ServerPlace } from '../../../../ops/servers/zookeeper-configuration.ts';

/** How often a server that does not listen yet is tried, and how long after each other, in milliseconds. */
const ATTEMPTS = 50;
const GAP = 20;

/** A way from one server to a port of another. */
interface Way {
  readonly from: number;
  readonly to: number;
  readonly port: number;
}

/** A connection over a way: the socket at each server's side. */
interface Joined extends Way {
  readonly near: Socket;
  readonly far: Socket;
}

/**
 * The network between the servers of an ensemble, on loopback: each reaches each other by a way of its own, so that one of them can be
 * cut off. It does not hear that it is: to it, the others are silent; to them, it is gone.
 */
export class ServerNetwork {
  readonly #places: readonly ServerPlace[];
  readonly #listeners = new Map<string, Server>();
  readonly #joined = new Set<Joined>();
  /** Sockets of whoever is cut off, whose other ends are gone. */
  readonly #silent = new Set<Socket>();
  #isolated: number | undefined;

  private constructor(places: readonly ServerPlace[]) {
    this.#places = places;
  }

  static async between(places: readonly ServerPlace[]): Promise<ServerNetwork> {
    const network = new ServerNetwork(places);
    const ways = places.flatMap(({ number: from }) =>
      places
        .filter(({ number }) => number !== from)
        .flatMap(({ number: to, quorumPort, electionPort }) =>
          [quorumPort, electionPort].map((port) => ({ from, to, port })),
        ),
    );
    await Promise.all(ways.map((way) => network.#open(way)));
    return network;
  }

  /** The ensemble as one of its servers is to see it. */
  seenBy(from: number): readonly ServerPlace[] {
    return this.#places.map((place) => {
      if (place.number === from) return place;
      const portTo = (port: number) => this.#listeningAt({ from, to: place.number, port });
      return { ...place, quorumPort: portTo(place.quorumPort), electionPort: portTo(place.electionPort) };
    });
  }

  /** Cuts a server off from all others. */
  isolate(server: number): void {
    this.#isolated = server;
    for (const joined of this.#joined) this.#partIfCut(joined);
  }

  /** Lets all servers reach each other again. */
  heal(): void {
    this.#isolated = undefined;
    for (const socket of this.#silent) socket.destroy();
    this.#silent.clear();
  }

  async close(): Promise<void> {
    for (const { near, far } of this.#joined) for (const socket of [near, far]) socket.destroy();
    this.heal();
    await Promise.all([...this.#listeners.values()].map((one) => new Promise((resolve) => one.close(resolve))));
  }

  async #open(way: Way): Promise<void> {
    const listener = createServer((near) => {
      near.on('error', () => near.destroy());
      void this.#accept(near, way);
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    this.#listeners.set(nameOf(way), listener);
  }

  #listeningAt(way: Way): number {
    const address = this.#listeners.get(nameOf(way))?.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Takes a connection on. A server that has just been elected may not listen yet: it is tried again, for whoever comes has been let in. */
  async #accept(near: Socket, way: Way): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS && !near.destroyed && this.#isolated !== way.to; attempt++) {
      if (this.#isolated === way.from) {
        this.#silence(near);
        return;
      }
      /* oxlint-disable eslint/no-await-in-loop -- one attempt after another */
      const far = await reach(way.port);
      if (far !== undefined) {
        this.#join({ ...way, near, far });
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, GAP));
      /* oxlint-enable eslint/no-await-in-loop */
    }
    near.destroy();
  }

  #join(joined: Joined): void {
    const { near, far, port } = joined;
    this.#joined.add(joined);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.setNoDelay();
      socket.on('close', () => {
        if (this.#joined.delete(joined)) other.destroy();
      });
    }
    if (this.#places.some(({ electionPort }) => electionPort === port)) this.#introduce(joined);
    else near.pipe(far);
    far.pipe(near);
    this.#partIfCut(joined);
    if (near.destroyed) far.destroy();
  }

  /**
   * Lets the first message of an election's connection say how its sender is reached over this network: whoever has the greater number
   * calls back. It is: protocol version, number of the server, length of its address (8, 8 and 4 octets), the address.
   *
   * @see QuorumCnxManager.InitialMessage of ZooKeeper 3.9
   */
  #introduce({ near, far, from, to }: Joined): void {
    let said = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]);
      const end = said.length < 20 ? Infinity : 20 + said.readInt32BE(16);
      if (said.length < end) return;
      near.off('data', read);
      const port = this.#places.find(({ number }) => number === from)?.electionPort ?? 0;
      const address = Buffer.from(`127.0.0.1:${this.#listeningAt({ from: to, to: from, port })}`);
      const length = Buffer.alloc(4);
      length.writeInt32BE(address.length);
      far.write(Buffer.concat([said.subarray(0, 16), length, address, said.subarray(end)]));
      near.pipe(far);
    };
    near.on('data', read);
  }

  /** Where one of the two is cut off, its end falls silent, and the other's is gone. */
  #partIfCut(joined: Joined): void {
    const { from, to, near, far } = joined;
    if (this.#isolated !== from && this.#isolated !== to) return;
    this.#joined.delete(joined);
    this.#silence(this.#isolated === from ? near : far);
    (this.#isolated === from ? far : near).destroy();
  }

  /** Takes all that comes, and answers nothing. */
  #silence(socket: Socket): void {
    socket.unpipe();
    socket.removeAllListeners('data').resume();
    this.#silent.add(socket);
    socket.on('close', () => this.#silent.delete(socket));
  }
}

function reach(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}

function nameOf({ from, to, port }: Way): string {
  return `${from} to ${to} ${port}`;
}
