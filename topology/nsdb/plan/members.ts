import type { ClassName } from '../../model/bindings.ts';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../model/json.ts';

/** A list whose entries name other objects, in no order that means anything. */
interface MemberList {
  readonly class: ClassName;
  readonly field: string;
  readonly of: ClassName;
}

const MEMBER_LISTS: readonly MemberList[] = [
  { class: 'Port', field: 'portGroupIds', of: 'PortGroup' },
  { class: 'TunnelZone', field: 'hostIds', of: 'Host' },
  { class: 'TunnelZone', field: 'hosts', of: 'Host' },
];

/**
 * The fields that an object is to have, with members that others put there: who is not wanted anywhere, and stays, stays a member. What
 * is there already keeps its place.
 *
 * @param stays whether an object that is not among the wanted ones is there, and will be
 */
export function withMembers(
  cls: ClassName,
  wanted: JsonObject,
  present: JsonObject,
  stays: (cls: ClassName, id: string) => boolean,
): JsonObject {
  const fields: Record<string, Json> = { ...wanted };
  for (const list of MEMBER_LISTS) {
    if (list.class !== cls) continue;
    const merged = merge(listIn(wanted[list.field]), listIn(present[list.field]), (id) => stays(list.of, id));
    if (merged.length > 0 || wanted[list.field] !== undefined) fields[list.field] = merged;
  }
  return fields;
}

function merge(wanted: readonly Json[], present: readonly Json[], stays: (id: string) => boolean): readonly Json[] {
  const missing = new Map(wanted.map((entry) => [memberOf(entry), entry]));
  const kept: Json[] = [];
  for (const entry of present) {
    const member = memberOf(entry);
    const now = missing.get(member);
    if (now !== undefined) kept.push(now);
    else if (member !== undefined && stays(member)) kept.push(entry);
    missing.delete(member);
  }
  return [...kept, ...missing.values()];
}

function memberOf(entry: Json): string | undefined {
  const id = isJsonObject(entry) ? entry['hostId'] : entry;
  return typeof id === 'string' ? id : undefined;
}

function listIn(value: Json | undefined): readonly Json[] {
  return isJsonArray(value) ? value : [];
}
