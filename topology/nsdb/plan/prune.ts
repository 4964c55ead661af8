import { referencesOf, type ClassName } from '../../model/bindings.ts';
import type { NsdbObject } from '../nsdb.ts';
import { keyOf } from '../writes.ts';
import type { Kept, KeptReason, ObjectName, PlannedDeletion } from './plan.ts';
import type { Referrers } from './references.ts';

/** Who refers comes before whom it refers to, what belongs to another before it. */
const ORDER: readonly ClassName[] = ['Route', 'Port', 'Network', 'Router', 'PortGroup', 'TunnelZone', 'Host'];

interface Pruning {
  readonly deletions: readonly PlannedDeletion[];
  readonly kept: readonly Kept[];
}

/**
 * What goes when objects are deleted, and which of them cannot.
 *
 * What belongs to a deleted object goes with it (spec 10 §2), of whatever class it is. An object stays that is held, or that something
 * needs that is not to go; and all that belongs to it stays too.
 *
 * @param unwanted the objects to be deleted
 * @param isWanted whether an object is to stay; its references are set right before anything is deleted
 * @param held why an object is not to be touched
 */
export function prune(
  unwanted: readonly NsdbObject[],
  referrers: Referrers,
  isWanted: (object: NsdbObject) => boolean,
  held: (object: NsdbObject) => KeptReason | undefined,
): Pruning {
  const own = new Set(unwanted.map(keyOf));
  const looks = unwanted.map((object) => ({ object, ...lookInto(object, referrers, isWanted, held) }));
  const kept = keep(looks, own);
  const deletions = new Map<string, PlannedDeletion>();
  for (const { object, parts } of inOrder(looks)) {
    if (kept.has(keyOf(object))) continue;
    for (const part of parts) {
      if (!own.has(keyOf(part)) && !deletions.has(keyOf(part))) deletions.set(keyOf(part), deletionOf(part, object));
    }
    deletions.set(keyOf(object), deletionOf(object));
  }
  return {
    deletions: [...deletions.values()],
    kept: unwanted.flatMap((object) => {
      const reason = kept.get(keyOf(object));
      return reason === undefined ? [] : [{ ...nameOf(object), reason }];
    }),
  };
}

/** All that would go with an object, and why it cannot go, if so. */
interface Look {
  readonly object: NsdbObject;
  readonly parts: readonly NsdbObject[];
  readonly reason: KeptReason | undefined;
}

function lookInto(
  root: NsdbObject,
  referrers: Referrers,
  isWanted: (object: NsdbObject) => boolean,
  held: (object: NsdbObject) => KeptReason | undefined,
): Omit<Look, 'object'> {
  const seen = new Set([keyOf(root)]);
  const parts: NsdbObject[] = [];
  let reason = held(root);
  const visit = (object: NsdbObject): void => {
    for (const reference of referencesOf(object.class)) {
      const { onDelete } = reference.near;
      if (onDelete !== 'cascade' && onDelete !== 'error') continue;
      for (const partner of referrers.partners(object, reference)) {
        if (isWanted(partner) || seen.has(keyOf(partner))) continue;
        const isNeeded = onDelete === 'error' || held(partner) !== undefined;
        if (isNeeded) reason ??= { kind: 'used', by: nameOf(partner) };
        if (onDelete === 'error') continue;
        seen.add(keyOf(partner));
        parts.push(partner);
        visit(partner);
      }
    }
  };
  visit(root);
  return { parts, reason };
}

/** Which stay: those with a reason, what belongs to them, and what cannot go without that. */
function keep(looks: readonly Look[], own: ReadonlySet<string>): ReadonlyMap<string, KeptReason> {
  const kept = new Map<string, KeptReason>();
  let due = looks.filter(({ reason }) => reason !== undefined);
  while (due.length > 0) {
    for (const { object, parts, reason } of due) {
      const needed = parts.find((part) => kept.has(keyOf(part)));
      const why = reason ?? (needed && ({ kind: 'used', by: nameOf(needed) } as const));
      if (why !== undefined) kept.set(keyOf(object), why);
    }
    for (const { object, parts } of due) {
      for (const part of parts) {
        const key = keyOf(part);
        if (own.has(key) && !kept.has(key)) kept.set(key, { kind: 'part', of: nameOf(object) });
      }
    }
    due = looks.filter(({ object, parts }) => !kept.has(keyOf(object)) && parts.some((part) => kept.has(keyOf(part))));
  }
  return kept;
}

function inOrder(looks: readonly Look[]): readonly Look[] {
  return looks.toSorted((a, b) => ORDER.indexOf(a.object.class) - ORDER.indexOf(b.object.class));
}

function deletionOf(object: NsdbObject, by?: NsdbObject): PlannedDeletion {
  return { ...nameOf(object), present: object.fields, with: by && nameOf(by) };
}

function nameOf({ class: cls, id }: NsdbObject): ObjectName {
  return { class: cls, id };
}
