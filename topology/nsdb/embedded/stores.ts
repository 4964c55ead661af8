import type { ClassName } from '../../model/bindings.ts';
import type { Uuid } from '../../model/ids.ts';
import type { Timers } from '../../model/timers.ts';
import type { Sequence } from '../nsdb.ts';
import { objectPath, tablePath } from '../paths.ts';
import { parseArg } from '../persistent-entries.ts';
import type { TablePlace } from '../state-table.ts';
import { Deliveries } from './deliveries.ts';
import { Directory } from './directory.ts';
import { NatStore } from './nat-store.ts';
import { ObjectStore } from './object-store.ts';
import { WaitingQueue } from './queue.ts';
import { Session } from './session.ts';
import { StateStore } from './state-store.ts';

/** The first number of each counter (spec 10 §4). */
const SEEDS: Readonly<Record<Sequence, number>> = {
  overlay_tunnel_key: 1,
  vxgw_tunnel_key: 10_000,
  fip64_tunnel_key: 1,
};

/** All that handles of one embedded database share. */
export class Stores {
  readonly timers: Timers;
  readonly deliveries = new Deliveries();
  readonly objects: ObjectStore;
  readonly states = new StateStore();
  readonly nat = new NatStore();
  readonly #directories = new Map<string, Directory>();
  /** The paths of the tables of each object that has some. */
  readonly #ofObject = new Map<string, Set<string>>();
  readonly #queues = new Map<string, WaitingQueue>();
  readonly #sequences = new Map<Sequence, number>();
  #sessions = 0;

  constructor(timers: Timers) {
    this.timers = timers;
    this.objects = new ObjectStore(
      () => timers.now(),
      (cls, id) => this.#forget(cls, id),
    );
  }

  newSession(): Session {
    return new Session(`embedded-${++this.#sessions}`);
  }

  /** The directory of a table; undefined where its owner is missing. */
  directory(cls: ClassName | 'global', table: string, place: TablePlace): Directory | undefined {
    if (cls !== 'global' && (place.owner === undefined || this.objects.find(cls, place.owner) === undefined)) {
      return undefined;
    }
    const path = tablePath(
      cls,
      table,
      cls === 'global' ? { ...(place.arg !== undefined && { arg: place.arg }) } : place,
    );
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const directory = new Directory();
    this.#directories.set(path, directory);
    if (cls !== 'global' && place.owner !== undefined) {
      const owner = objectPath(cls, place.owner);
      const paths = this.#ofObject.get(owner);
      if (paths === undefined) this.#ofObject.set(owner, new Set([path]));
      else paths.add(path);
    }
    return directory;
  }

  /** The directories of one table of an object that somebody has asked for: one, or one for each argument. */
  directoriesOf(
    cls: ClassName | 'global',
    table: string,
    owner: Uuid,
  ): readonly (readonly [arg: number | undefined, directory: Directory])[] {
    const head = tablePath(cls, table, { owner });
    const whole = this.#directories.get(head);
    const found: (readonly [number | undefined, Directory])[] = whole === undefined ? [] : [[undefined, whole]];
    const paths = cls === 'global' ? [] : (this.#ofObject.get(objectPath(cls, owner)) ?? []);
    for (const path of paths) {
      const arg = path.startsWith(`${head}/`) ? parseArg(path.slice(head.length + 1)) : undefined;
      const directory = this.#directories.get(path);
      if (arg !== undefined && directory !== undefined) found.push([arg, directory]);
    }
    return found.toSorted(([a = -1], [b = -1]) => a - b);
  }

  /** The directory at a path, if somebody has asked for it. */
  directoryAt(path: string): Directory | undefined {
    return this.#directories.get(path);
  }

  queue(path: string): WaitingQueue {
    let queue = this.#queues.get(path);
    if (queue === undefined) this.#queues.set(path, (queue = new WaitingQueue()));
    return queue;
  }

  next(sequence: Sequence): number {
    const number = this.#sequences.get(sequence) ?? SEEDS[sequence];
    this.#sequences.set(sequence, number + 1);
    return number;
  }

  /** All there is, in lines: equal lines, equal databases. */
  *dump(): Generator<string, void> {
    yield* this.objects.dump();
    yield* this.states.dump();
    for (const path of [...this.#directories.keys()].toSorted()) {
      for (const line of this.#directories.get(path)?.dump() ?? []) yield `${path} ${line}`;
    }
    for (const [path, queue] of this.#queues) yield `${path} ${queue.size} wait`;
    for (const [sequence, number] of this.#sequences) yield `${sequence} ${number}`;
    yield `${this.#sessions} sessions`;
  }

  #forget(cls: ClassName, id: Uuid): void {
    this.states.forget(cls, id);
    const owner = objectPath(cls, id);
    for (const path of this.#ofObject.get(owner) ?? []) {
      this.#directories.get(path)?.end();
      this.#directories.delete(path);
    }
    this.#ofObject.delete(owner);
  }
}
