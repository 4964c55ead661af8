import type { ClassName } from '../../topology/model/bindings.ts';
import type { Json, JsonObject } from '../../topology/model/json.ts';
import type { KeptReason, ObjectName } from '../../topology/nsdb/plan/plan.ts';
import type { TableName } from '../../topology/nsdb/plan/plan-entries.ts';
import type { NamedPlan } from '../topology/named-plan.ts';
import { countsOf, type PlanCounts } from './plan-text.ts';

/** A plan, as programs are told of it. */
export interface PlanOutput {
  readonly summary: PlanCounts;
  readonly create: readonly CreationOutput[];
  readonly change: readonly ChangeOutput[];
  readonly delete: readonly DeletionOutput[];
  readonly entries: readonly EntryOutput[];
  readonly keep: readonly KeptOutput[];
}

export interface ObjectOutput {
  readonly class: ClassName;
  readonly id: string;
  readonly name: string;
}

export interface CreationOutput extends ObjectOutput {
  readonly fields: JsonObject;
}

export interface ChangeOutput extends ObjectOutput {
  readonly fields: Readonly<Record<string, FieldChangeOutput>>;
  readonly consequence?: true;
}

export interface FieldChangeOutput {
  readonly before: Json;
  readonly after: Json;
}

export interface DeletionOutput extends ObjectOutput {
  readonly with?: ObjectOutput;
}

export interface EntryOutput {
  readonly table: TableName;
  readonly bridge: string;
  readonly vlan?: number;
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface KeptOutput extends ObjectOutput {
  readonly reason: KeptReason['kind'];
}

/** A plan for programs. Fields are those of the database; `name` is what people call the object. */
export function planJson(named: NamedPlan): PlanOutput {
  const { plan, nameOf } = named;
  const head = ({ class: cls, id }: ObjectName) => ({ class: cls, id, name: nameOf(id) });
  return {
    summary: countsOf(named),
    create: plan.creations.map((object) => ({ ...head(object), fields: object.fields })),
    change: plan.changes.map((object) => ({
      ...head(object),
      fields: Object.fromEntries(
        object.changes.map(({ field, before, after }) => [field, { before: orNull(before), after: orNull(after) }]),
      ),
      ...(object.isConsequence && { consequence: true }),
    })),
    delete: plan.deletions.map((object) => ({
      ...head(object),
      ...(object.with !== undefined && { with: head(object.with) }),
    })),
    entries: plan.entries.map(({ table, owner, arg, key, before, after }) => ({
      table,
      bridge: nameOf(owner),
      ...(arg !== undefined && { vlan: arg }),
      key,
      before: orNull(before),
      after: orNull(after),
    })),
    keep: plan.kept.map((object) => ({ ...head(object), reason: object.reason.kind })),
  };
}

function orNull<T>(value: T | undefined): T | null {
  return value ?? null;
}
