import type { ObjectName } from '../../topology/nsdb/plan/plan.ts';
import type { NamedPlan } from '../topology/named-plan.ts';
import { countsOf } from './plan-text.ts';

/** A plan for programs. Fields are those of the database; `name` is what people call the object. */
export function planJson(named: NamedPlan): object {
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
