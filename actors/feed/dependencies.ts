import type { ChangedPart } from '../change-log.ts';
import type { ClassName } from '../../topology/model/bindings.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import type { JsonObject } from '../../topology/model/json.ts';
import type { Nsdb, Version } from '../../topology/nsdb/nsdb.ts';
import type { Observation } from '../../topology/nsdb/observation.ts';
import type { StateKey, StatePlace } from '../../topology/nsdb/state-key.ts';

/** Something read from the database that a device is made of, watched for as long as it is. */
interface Watched {
  /** `loading` until the first answer. A `missing` one may have been deleted. */
  state: 'loading' | 'present' | 'missing';
  value: unknown;
  /** The reading that asked for it last. */
  reading: number;
  readonly observation: Observation;
}

/** Starts to watch something, and tells of its value or its absence. */
type Observe = (heard: (value: unknown, version?: Version) => void, gone: () => void) => Observation;

/** What a device is made of could not be read: it names what is missing. */
export class MissingPart extends Error {
  override readonly name = 'MissingPart';
  readonly class: ClassName;
  readonly id: Uuid;

  constructor(cls: ClassName, id: Uuid) {
    super(`there is no ${cls} ${id}`);
    this.class = cls;
    this.id = id;
  }
}

/** Thrown by a reading that meets something not loaded yet; caught by {@link Dependencies.read}. */
class NotYet extends Error {}

/** One for all: it says nothing, and a trace of the stack would be made in vain. */
const NOT_YET = new NotYet();

/**
 * The parts of the database that one device is made of.
 *
 * A device is *read*: a function asks for object after object, follows their references, and returns the finished device. What is
 * not loaded yet is watched from then on, and the function runs anew when everything it asked for is there; so it is written as
 * if the database were local. Whatever it asked for stays watched: a change asks for another reading. What it no longer asks
 * for is let go.
 */
export class Dependencies {
  readonly #nsdb: Nsdb;
  readonly #changed: (part?: ChangedPart) => void;
  readonly #watched = new Map<string, Watched>();
  #reading = 0;
  #loading = 0;

  /** @param changed called when another reading may come to something else, possibly several times in a row; with what changed since */
  constructor(nsdb: Nsdb, changed: (part?: ChangedPart) => void) {
    this.#nsdb = nsdb;
    this.#changed = changed;
  }

  /**
   * Runs a reading.
   *
   * @returns what it returned; undefined when something has still to be loaded
   * @throws MissingPart what `read` threw
   */
  read<T>(read: (parts: Dependencies) => T): T | undefined {
    if (this.#loading > 0) return undefined;
    this.#reading++;
    try {
      const result = read(this);
      if (this.#loading > 0) return undefined;
      this.#letGo();
      return result;
    } catch (cause) {
      if (cause === NOT_YET) return undefined;
      throw cause;
    }
  }

  /** The fields of an object. Throws {@link MissingPart} when there is none: to be used within a reading only. */
  object(cls: ClassName, id: Uuid): JsonObject {
    const fields = this.find(cls, id);
    if (fields === undefined) throw new MissingPart(cls, id);
    return fields;
  }

  /** The fields of an object; undefined when there is none. */
  find(cls: ClassName, id: Uuid): JsonObject | undefined {
    const watched = this.#watch({ class: cls, id }, (heard, gone) =>
      this.#nsdb.observe(cls, id, {
        changed: ({ fields, version }) => heard(fields, version),
        deleted: gone,
        failed: gone,
      }),
    );
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this key is only ever filled two lines above
    return watched.state === 'missing' ? undefined : (watched.value as JsonObject);
  }

  /** All objects of these ids: those not loaded are all asked for at once. */
  objects(cls: ClassName, ids: readonly Uuid[]): readonly (readonly [Uuid, JsonObject])[] {
    return this.#all(ids, (id) => this.find(cls, id)).flatMap((fields, at) => {
      const id = ids[at];
      return fields === undefined || id === undefined ? [] : [[id, fields] as const];
    });
  }

  /** The ids of those that refer to an object, ascending; none when it is missing. */
  referrers(cls: ClassName, id: Uuid, backField: string): readonly Uuid[] {
    const watched = this.#watch({ class: cls, id, part: backField }, (heard, gone) => {
      const ids = new Set<Uuid>();
      return this.#nsdb.observeReferrers(cls, id, backField, {
        changed: (added, removed) => {
          for (const one of removed) ids.delete(one);
          for (const one of added) ids.add(one);
          heard([...ids].toSorted());
        },
        deleted: gone,
        failed: gone,
      });
    });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this key is only ever filled a few lines above
    return watched.state === 'missing' ? [] : (watched.value as readonly Uuid[]);
  }

  /** The values of a state key; none when its object is missing. */
  states<V>(key: StateKey<V>, places: readonly StatePlace[]): readonly (readonly V[])[] {
    return this.#all(places, (place) => {
      const part = { class: key.class, id: place.id, part: key.key, namespace: place.namespace };
      const watched = this.#watch(
        part,
        (heard, gone) =>
          this.#nsdb.observeState(key, place, {
            changed: (values) => heard(values.map(({ value }) => value)),
            failed: gone,
          }),
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this key is only ever filled a few lines above
        (values) => textOfValues(key, (values ?? []) as readonly V[]),
      );
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this key is only ever filled a few lines above
      return watched.state === 'missing' ? [] : (watched.value as readonly V[]);
    });
  }

  close(): void {
    for (const { observation } of this.#watched.values()) observation.close();
    this.#watched.clear();
    this.#loading = 0;
  }

  /** Asks for each of them before it gives up on any. */
  #all<T, R>(items: readonly T[], ask: (item: T) => R): R[] {
    const answers: R[] = [];
    let isComplete = true;
    for (const item of items) {
      try {
        answers.push(ask(item));
      } catch (cause) {
        if (cause !== NOT_YET) throw cause;
        isComplete = false;
      }
    }
    if (!isComplete) throw NOT_YET;
    return answers;
  }

  /** @param textOf a value, or the want of one, as it is told where it changes */
  #watch(part: ChangedPart, observe: Observe, textOf?: (value: unknown) => string | undefined): Watched {
    const key = `${part.class} ${part.id} ${part.part ?? ''} ${part.namespace ?? ''}`;
    const known = this.#watched.get(key);
    if (known !== undefined) {
      known.reading = this.#reading;
      if (known.state === 'loading') throw NOT_YET;
      return known;
    }
    const settle = (state: 'present' | 'missing', value: unknown, version?: Version): void => {
      const watched = this.#watched.get(key);
      if (watched === undefined) return;
      const isNews = watched.state !== 'loading';
      const was = watched.value;
      if (!isNews) this.#loading--;
      watched.state = state;
      watched.value = value;
      if (isNews)
        this.#changed({
          ...part,
          ...(version !== undefined && { version }),
          ...(textOf && { values: [textOf(was), textOf(value)] }),
        });
      else if (this.#loading === 0) this.#changed();
    };
    this.#loading++;
    this.#watched.set(key, {
      state: 'loading',
      value: undefined,
      reading: this.#reading,
      observation: observe(
        (value, version) => settle('present', value, version),
        () => settle('missing', undefined),
      ),
    });
    throw NOT_YET;
  }

  /** Ends the watches of what the last reading did not ask for. */
  #letGo(): void {
    for (const [key, watched] of this.#watched) {
      if (watched.reading === this.#reading) continue;
      watched.observation.close();
      this.#watched.delete(key);
    }
  }
}

/** Values of a state key as the database keeps them; undefined for none. */
function textOfValues<V>({ codec }: StateKey<V>, values: readonly V[]): string | undefined {
  return values.length === 0 ? undefined : values.map((value) => codec.format(value)).join(', ');
}
