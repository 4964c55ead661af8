import type { BindingEnd, ClassName } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';
import type { ReferrerChange } from './changes.ts';

/** The entries of one back-reference that a transaction has touched: whether each was there, and is by now. */
interface Edited {
  readonly class: ClassName;
  readonly id: Uuid;
  readonly backField: string;
  readonly entries: Map<Uuid, { readonly was: boolean; is: boolean }>;
}

/** What a transaction does to the back-references of objects. */
export class ReferrerEdits {
  readonly #edited = new Map<string, Edited>();

  /** Makes an object a referrer of another through one of its fields, or no more. */
  set({ class: cls, field: backField }: BindingEnd, id: Uuid, referrer: Uuid, is: boolean): void {
    const key = placeOf(cls, id, backField);
    let edited = this.#edited.get(key);
    if (edited === undefined) this.#edited.set(key, (edited = { class: cls, id, backField, entries: new Map() }));
    const entry = edited.entries.get(referrer);
    if (entry === undefined) edited.entries.set(referrer, { was: !is, is });
    else entry.is = is;
  }

  /** The referrers by now, ids ascending, of those that there were before. */
  now(cls: ClassName, id: Uuid, backField: string, before: readonly Uuid[]): readonly Uuid[] {
    const edited = this.#edited.get(placeOf(cls, id, backField));
    if (edited === undefined) return before;
    const now = new Set(before);
    for (const [referrer, { is }] of edited.entries) {
      if (is) now.add(referrer);
      else now.delete(referrer);
    }
    return [...now].toSorted();
  }

  /** What came of it. @param isDeleted whether an object goes, and its entries with it */
  changes(isDeleted: (cls: ClassName, id: Uuid) => boolean): readonly ReferrerChange[] {
    return [...this.#edited.values()].flatMap(({ class: cls, id, backField, entries }) =>
      isDeleted(cls, id)
        ? []
        : [...entries].flatMap(([referrer, { was, is }]) =>
            was === is ? [] : [{ class: cls, id, backField, referrer, isPresent: is }],
          ),
    );
  }
}

function placeOf(cls: ClassName, id: Uuid, backField: string): string {
  return `${cls}/${id}/${backField}`;
}
