import type { ClassName } from '../../../model/bindings.ts';
import type { Uuid } from '../../../model/ids.ts';
import { objectPath } from '../../paths.ts';
import { CLUSTER } from '../../state-keys.ts';
import type { Operation } from '../client/operation.ts';
import { isAbsent } from '../places.ts';
import { examineObject, nameIn, type Examined } from '../records.ts';
import { provenanceNode } from '../tree.ts';
import { placeOf, type Incarnated } from './node-place.ts';
import type { NodeCopy, TreeCopy } from './tree-copy.ts';

/** An object's node, and what it holds. */
export interface SurveyedObject {
  readonly class: ClassName;
  readonly id: Uuid;
  readonly node: NodeCopy;
  readonly examined: Examined;
}

/** A copy of the tree, with its objects looked into. It is good as long as the copy is not read anew. */
export class Survey {
  readonly copy: TreeCopy;
  readonly #objects = new Map<string, SurveyedObject>();
  readonly #children = new Map<string, ReadonlySet<string>>();
  readonly #abandoned = new Map<Uuid, boolean>();

  constructor(copy: TreeCopy) {
    this.copy = copy;
    for (const node of copy.nodes.values()) {
      const { place, data, stat } = node;
      if (place.kind !== 'object') continue;
      const { class: cls, id } = place;
      this.#objects.set(node.path, { class: cls, id, node, examined: examineObject(cls, id, { data, stat }) });
      this.#children.set(node.path, new Set(node.names));
    }
  }

  get objects(): Iterable<SurveyedObject> {
    return this.#objects.values();
  }

  object(cls: ClassName, id: Uuid): SurveyedObject | undefined {
    return this.#objects.get(objectPath(cls, id));
  }

  /** Whether an object is there, be it that nobody can read it. */
  exists(cls: ClassName, id: Uuid): boolean {
    const path = objectPath(cls, id);
    return this.#objects.has(path) || this.copy.closed.has(path);
  }

  /** The name of the object that a node is about. */
  nameAt(path: string): string | undefined {
    const place = placeOf(path);
    const owner = place.kind === 'table' || place.kind === 'entry' ? place.owner : place;
    if (owner === undefined || !('id' in owner)) return undefined;
    const examined = this.object(owner.class, owner.id)?.examined;
    return examined && nameIn(examined);
  }

  /** Whether a node is under an object's. */
  has(cls: ClassName, id: Uuid, child: string): boolean {
    return this.#children.get(objectPath(cls, id))?.has(child) === true;
  }

  /** Whether one making of an object is no more. False where the object cannot be read: it may be the one. */
  isGone({ class: cls, id, incarnation }: Incarnated): boolean {
    if (!this.exists(cls, id)) return true;
    const examined = this.object(cls, id)?.examined;
    return examined?.kind === 'readable' && examined.stored.incarnation !== incarnation;
  }

  /** Whether state is kept in the name of a host that is no more, and nobody publishes any. */
  isAbandoned(namespace: Uuid): boolean {
    let is = this.#abandoned.get(namespace);
    if (is === undefined) {
      const isOfHost = namespace === CLUSTER || this.exists('Host', namespace);
      const isInUse = () => this.copy.below(`/zoom/0/state/${namespace}`).some(({ stat }) => stat.owner !== '');
      this.#abandoned.set(namespace, (is = !isOfHost && !isInUse()));
    }
    return is;
  }

  /** What a repair requires that rests on an object's being as it was read, or on its absence. */
  unchanged(cls: ClassName, id: Uuid): readonly Operation[] {
    const path = objectPath(cls, id);
    const known = this.#objects.get(path);
    if (known === undefined) return isAbsent(path);
    const { node, examined } = known;
    const record = examined.kind === 'readable' ? provenanceNode(cls, id, examined.stored.incarnation) : '';
    return [
      { kind: 'check', path, version: node.stat.version },
      ...(this.copy.at(record) === undefined ? [] : [{ kind: 'check', path: record } as const]),
    ];
  }

  /** What deletes a node and all below it. */
  deletion(path: string): readonly Operation[] {
    return this.copy.below(path).map((node): Operation => {
      // A node whose data was not read may have any.
      const version = node.data === undefined ? {} : { version: node.stat.version };
      return { kind: 'delete', path: node.path, ...version };
    });
  }
}
