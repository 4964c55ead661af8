import type { StateListener } from '../nsdb.ts';
import { objectPath } from '../paths.ts';
import type { Codec } from '../state-key.ts';
import type { Link } from './link.ts';
import { missing } from './object-watchers.ts';
import { incarnationOf } from './places.ts';
import { readState, stateNode, valuesOf, type StateTarget, type StoredState } from './state.ts';
import { Watcher } from './watcher.ts';

/** Tells of the values of a state key. */
export class StateWatcher<V> extends Watcher {
  readonly #target: StateTarget;
  readonly #codec: Codec<V>;
  readonly #listener: StateListener<V>;
  /** The node watched now: another when the object is made anew. */
  #node: string | undefined;
  #told: readonly StoredState[] | undefined;

  constructor(link: Link, target: StateTarget, codec: Codec<V>, listener: StateListener<V>) {
    super(link);
    this.#target = target;
    this.#codec = codec;
    this.#listener = listener;
    link.watches.add(objectPath(target.class, target.id), this);
    this.mark();
  }

  override close(): void {
    super.close();
    this.link.watches.remove(objectPath(this.#target.class, this.#target.id), this);
    if (this.#node !== undefined) this.link.watches.remove(this.#node, this);
  }

  protected override async look(): Promise<void> {
    const { class: cls, id, kind } = this.#target;
    const incarnation = await this.link.read((client) => incarnationOf(client, cls, id, true));
    if (incarnation === undefined) {
      this.tell(() => {
        this.close();
        this.#listener.failed(missing(cls, id));
      });
      return;
    }
    this.#follow(stateNode(this.#target, incarnation));
    const stored = await this.link.read((client) =>
      readState(client, stateNode(this.#target, incarnation), kind, true),
    );
    const told = this.#told;
    if (told !== undefined && told.length === stored.length && stored.every((one, i) => isAlike(one, told[i]))) return;
    this.#told = stored;
    const values = valuesOf(stored, this.#codec, this.link.client.sessionName, this.#target, (error) =>
      this.link.report(error),
    );
    this.tell(() => this.#listener.changed(values));
  }

  #follow(node: string): void {
    if (this.#node === node || this.isClosed) return;
    if (this.#node !== undefined) this.link.watches.remove(this.#node, this);
    this.#node = node;
    this.link.watches.add(node, this);
  }
}

/** Equal text of the same session. */
function isAlike(a: StoredState, b: StoredState | undefined): boolean {
  return a.text === b?.text && a.owner === b.owner;
}
