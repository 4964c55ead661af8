import { NsdbError } from '../nsdb-error.ts';
import { objectPath } from '../paths.ts';
import type { StateListener } from '../nsdb.ts';
import type { Codec, StateValue } from '../state-key.ts';
import { Watcher, type Link } from './link.ts';
import type { ObjectStore } from './object-store.ts';
import type { Session } from './session.ts';
import type { StateStore, StateTarget, StoredState } from './state-store.ts';

/** Tells of the values of a state key. */
export class StateWatcher<V> extends Watcher {
  readonly #objects: ObjectStore;
  readonly #states: StateStore;
  readonly #target: StateTarget;
  readonly #codec: Codec<V>;
  readonly #session: () => Session;
  readonly #listener: StateListener<V>;
  #told: readonly StoredState[] | undefined;

  constructor(
    link: Link,
    stores: { readonly objects: ObjectStore; readonly states: StateStore },
    target: StateTarget,
    codec: Codec<V>,
    session: () => Session,
    listener: StateListener<V>,
  ) {
    super(link);
    this.#objects = stores.objects;
    this.#states = stores.states;
    this.#target = target;
    this.#codec = codec;
    this.#session = session;
    this.#listener = listener;
    this.#states.watch(target, this);
    this.#objects.watch(objectPath(target.class, target.id), this);
    this.mark();
  }

  override close(): void {
    super.close();
    this.#states.unwatch(this.#target, this);
    this.#objects.unwatch(objectPath(this.#target.class, this.#target.id), this);
  }

  protected override look(): void {
    const { class: cls, id, path } = this.#target;
    if (this.#objects.find(cls, id) === undefined) {
      this.close();
      const error = new NsdbError('not-found', `there is no ${cls} ${id}`, { class: cls, id });
      this.link.tell(() => this.#listener.failed(error));
      return;
    }
    const stored = this.#states.values(path);
    const told = this.#told;
    if (told !== undefined && told.length === stored.length && stored.every((one, i) => isAlike(one, told[i]))) return;
    this.#told = stored;
    const values = readState(stored, this.#codec, this.#session(), this.#target, (error) => this.link.report(error));
    this.link.tell(() => this.#listener.changed(values));
  }
}

/** The values of stored texts. One that cannot be read is reported and left out. */
export function readState<V>(
  stored: readonly StoredState[],
  codec: Codec<V>,
  session: Session,
  { class: cls, id, path }: StateTarget,
  report: (error: NsdbError) => void,
): readonly StateValue<V>[] {
  return stored.flatMap(({ text, session: owner }) => {
    const value = codec.parse(text);
    if (value !== undefined) return [{ value, owner: owner.id, own: owner === session }];
    report(
      new NsdbError('invalid', `${path}: ${JSON.stringify(text.slice(0, 80))} cannot be read`, { class: cls, id }),
    );
    return [];
  });
}

/** Equal text of the same session. */
function isAlike(a: StoredState, b: StoredState | undefined): boolean {
  return a.text === b?.text && a.session === b.session;
}
