import type { ClassName } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import { millisOf, type Millis } from '../model/time.ts';
import type { Nsdb, NsdbObject, Provenance } from './nsdb.ts';
import type { Observation } from './observation.ts';

/** What became of an object since it was told last. Changes close to each other, or while the link was down, are one. */
export interface ObjectChange {
  readonly class: ClassName;
  readonly id: Uuid;
  /** When it was written, by the database's clock; where that is not known, when it was heard of, by ours. */
  readonly at: Millis;
  /** Who wrote it; undefined of what was deleted, and of what has changed again since. */
  readonly writer: string | undefined;
  /** Undefined of an object that is new. */
  readonly before: JsonObject | undefined;
  /** Undefined of one that was deleted. */
  readonly fields: JsonObject | undefined;
}

/** An observation of several classes. */
export interface ChangesObservation {
  /** Resolves when all objects that were there are known, to their number: what is told are changes since. */
  readonly begun: Promise<number>;
  /** Resolves when all that was heard of has been told. */
  close(): Promise<void>;
}

/** Tells of each change of an object of some classes, one after another. */
export function observeChanges(
  nsdb: Nsdb,
  classes: readonly ClassName[],
  tell: (change: ObjectChange) => void,
): ChangesObservation {
  const known = new Map<string, JsonObject>();
  let telling = Promise.resolve();
  const queue = (change: () => Promise<ObjectChange>) => {
    telling = telling.then(change).then(tell);
  };

  const observe = (cls: ClassName, begun: () => void): Observation => {
    let isFirst = true;
    return nsdb.observeClass(cls, {
      changed: (objects, deleted) => {
        for (const object of objects) {
          const before = known.get(object.id);
          known.set(object.id, object.fields);
          if (!isFirst) queue(() => changeOf(nsdb, object, before));
        }
        for (const id of deleted) {
          const before = known.get(id);
          known.delete(id);
          const at = millisOf(Date.now());
          queue(() => Promise.resolve({ class: cls, id, at, writer: undefined, before, fields: undefined }));
        }
        isFirst = false;
        begun();
      },
    });
  };

  const observations: Observation[] = [];
  const all = classes.map((cls) => new Promise<void>((resolve) => observations.push(observe(cls, resolve))));
  return {
    begun: Promise.all(all).then(() => known.size),
    close: async () => {
      for (const observation of observations) observation.close();
      await telling;
    },
  };
}

async function changeOf(nsdb: Nsdb, object: NsdbObject, before: JsonObject | undefined): Promise<ObjectChange> {
  const { class: cls, id, version, fields } = object;
  const heard = millisOf(Date.now());
  const written = await provenanceOf(nsdb, object);
  const { at, writer } = written?.version === version ? written : { at: heard, writer: undefined };
  return { class: cls, id, at, writer, before, fields };
}

/** Undefined, too, where the link is down: a change is told all the same. */
function provenanceOf(nsdb: Nsdb, { class: cls, id }: NsdbObject): Promise<Provenance | undefined> {
  return nsdb.provenance(cls, id).catch(() => undefined);
}
