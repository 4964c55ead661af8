import { isDeepStrictEqual } from 'node:util';
import { referencesOf, type ClassName } from '../../model/bindings.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { settledFields } from '../../model/objects/settled-fields.ts';
import type { NewObject } from '../creation-order.ts';
import type { NsdbObject } from '../nsdb.ts';
import { keyOf, type FieldChange } from '../writes.ts';
import { withMembers } from './members.ts';
import type { Kept, KeptReason, ObjectName, Plan, PlannedChange } from './plan.ts';
import { prune } from './prune.ts';
import { hasBrokenReference, idsIn, isMutual, mutualFieldsOf, Referrers } from './references.ts';

/** What is wanted, and what there is. */
export interface PlanInput {
  /** Objects that refer to one another only. */
  readonly wanted: readonly NewObject[];
  /** Which fields are wanted as they are, absent ones too, in an object; all others are kept. Undefined for a class that is never wanted. */
  readonly described: (cls: ClassName, fields: JsonObject) => readonly string[] | undefined;
  /** All objects that could be read; when pruning, of every class. */
  readonly present: readonly NsdbObject[];
  /** Objects that are there and could not be read. */
  readonly unreadable: readonly ObjectName[];
  /** Whether objects of described classes go that are not wanted. */
  readonly prune: boolean;
  /** Of those, which never go. */
  readonly isAlive: (object: ObjectName) => boolean;
}

const UNREADABLE: KeptReason = { kind: 'unreadable' };

/** Works out what makes the present objects the wanted ones. Does nothing. */
export function planObjects(input: PlanInput): Omit<Plan, 'entries'> {
  return new Planner(input).plan();
}

class Planner {
  readonly #input: PlanInput;
  readonly #wanted: ReadonlyMap<string, NewObject>;
  readonly #present: ReadonlyMap<string, NsdbObject>;
  readonly #untouchable: ReadonlySet<string>;
  readonly #deleted = new Set<string>();
  readonly #kept: Kept[] = [];

  constructor(input: PlanInput) {
    this.#input = input;
    this.#wanted = new Map(input.wanted.map((object) => [keyOf(object), object]));
    this.#present = new Map(input.present.map((object) => [keyOf(object), object]));
    this.#untouchable = new Set([...input.unreadable, ...input.present.filter(hasBrokenReference)].map(keyOf));
  }

  plan(): Omit<Plan, 'entries'> {
    const deletions = this.#input.prune ? this.#prune() : [];
    const creations: NewObject[] = [];
    const changes: PlannedChange[] = [];
    for (const object of this.#input.wanted) {
      const present = this.#present.get(keyOf(object));
      const { class: cls, id } = object;
      if (this.#untouchable.has(keyOf(object))) {
        this.#kept.push({ class: cls, id, reason: UNREADABLE });
        continue;
      }
      const fields = this.#fieldsOf(object, present);
      if (present === undefined) creations.push({ class: cls, id, fields });
      else changes.push(...this.#difference(present, fields));
    }
    changes.push(...this.#consequences());
    return { creations, changes, deletions, kept: this.#kept };
  }

  #prune() {
    const { present, described, isAlive } = this.#input;
    const isWanted = (object: NsdbObject) => this.#wanted.has(keyOf(object));
    const unwanted = present.filter(
      (object) => described(object.class, object.fields) !== undefined && !isWanted(object),
    );
    const { deletions, kept } = prune(unwanted, new Referrers(present), isWanted, (object) =>
      this.#untouchable.has(keyOf(object)) ? UNREADABLE : isAlive(object) ? { kind: 'alive' } : undefined,
    );
    for (const deletion of deletions) this.#deleted.add(keyOf(deletion));
    this.#kept.push(...kept);
    return deletions;
  }

  /** The fields that an object is to have: as wanted, with what others put there, without partners that cannot be touched. */
  #fieldsOf({ class: cls, fields: wanted }: NewObject, present: NsdbObject | undefined): JsonObject {
    const before = present?.fields ?? {};
    const fields: Record<string, Json> = { ...withMembers(cls, wanted, before, (of, id) => this.#stays(of, id)) };
    for (const { near, far } of referencesOf(cls).filter(isMutual)) {
      const [partner] = idsIn(fields[near.field]);
      if (partner === undefined || !this.#untouchable.has(keyOf({ class: far.class, id: partner }))) continue;
      const held = before[near.field];
      if (held === undefined) delete fields[near.field];
      else fields[near.field] = held;
    }
    return fields;
  }

  #stays(cls: ClassName, id: string): boolean {
    const key = `${cls}/${id}`;
    const isThere = this.#present.has(key) || this.#untouchable.has(key);
    return isThere && !this.#wanted.has(key) && !this.#deleted.has(key);
  }

  #difference(present: NsdbObject, fields: JsonObject): readonly PlannedChange[] {
    const { class: cls, id } = present;
    const before = settledFields(cls, present.fields);
    const after = settledFields(cls, fields);
    // What becomes another kind of thing loses what is said of the former kind alone.
    const described = [fields, present.fields].flatMap((each) => this.#input.described(cls, each) ?? []);
    const changes = [...new Set(described)].flatMap((field): readonly FieldChange[] =>
      isDeepStrictEqual(before[field], after[field]) ? [] : [{ field, before: before[field], after: after[field] }],
    );
    return changes.length === 0 ? [] : [{ class: cls, id, present: present.fields, changes, isConsequence: false }];
  }

  /** What others lose: those that are not wanted, whose partner gets another, or none, or goes. */
  #consequences(): readonly PlannedChange[] {
    return this.#input.present.flatMap((object): readonly PlannedChange[] => {
      const { class: cls, id, fields } = object;
      const key = keyOf(object);
      if (this.#wanted.has(key) || this.#deleted.has(key) || this.#untouchable.has(key)) return [];
      const changes = mutualFieldsOf(cls).flatMap((field): readonly FieldChange[] =>
        this.#loses(object, field) ? [{ field, before: fields[field], after: undefined }] : [],
      );
      return changes.length === 0 ? [] : [{ class: cls, id, present: fields, changes, isConsequence: true }];
    });
  }

  #loses({ class: cls, fields }: NsdbObject, field: string): boolean {
    const far = referencesOf(cls).find(({ near }) => near.field === field)?.far;
    const [partner] = idsIn(fields[field]);
    if (far === undefined || partner === undefined) return false;
    const key = keyOf({ class: far.class, id: partner });
    if (this.#deleted.has(key)) return true;
    const wanted = this.#wanted.get(key);
    return wanted !== undefined && !this.#untouchable.has(key) && this.#describes(wanted, far.field);
  }

  #describes({ class: cls, fields }: NewObject, field: string): boolean {
    return this.#input.described(cls, fields)?.includes(field) === true;
  }
}
