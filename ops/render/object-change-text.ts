import type { Json, JsonObject } from '../../topology/model/json.ts';
import type { ObjectChange } from '../../topology/nsdb/observe-changes.ts';
import { brief } from '../../topology/nsdb/zookeeper/upkeep/brief.ts';
import type { Look } from './look.ts';
import { printable } from './text-width.ts';

/** A change of an object for people: a line. */
export function formatObjectChange(change: ObjectChange, { paint, signs }: Look): string {
  const { class: cls, id, at, writer, before = {}, fields = {} } = change;
  const kind = kindOf(change);
  const name = nameOf(change);
  const signed = { made: paint.good, changed: paint.warn, removed: paint.bad }[kind](kind.padEnd('removed'.length));
  const said = kind === 'removed' ? [] : differences(before, fields, signs.to);
  const words = [
    paint.quiet(new Date(at).toISOString()),
    signed,
    `${cls} ${paint.strong(name === undefined ? id : printable(JSON.stringify(name)))}`,
    ...(said.length === 0 ? [] : [printable(said.join(', '))]),
    ...(writer === undefined ? [] : [paint.quiet(`by ${printable(writer)}`)]),
  ];
  return words.join('  ');
}

export function kindOf({ before, fields }: ObjectChange): 'made' | 'changed' | 'removed' {
  if (fields === undefined) return 'removed';
  return before === undefined ? 'made' : 'changed';
}

/** The object's name, or what it was. */
export function nameOf({ before, fields }: ObjectChange): string | undefined {
  const name = (fields ?? before)?.['name'];
  return typeof name === 'string' ? name : undefined;
}

function differences(before: JsonObject, fields: JsonObject, to: string): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(fields)])].toSorted();
  return names.flatMap((name) => {
    const [was, is] = [before[name], fields[name]];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    if (was === undefined) return name === 'name' ? [] : `${name} ${valueOf(is)}`;
    return `${name} ${valueOf(was)} ${to} ${valueOf(is)}`;
  });
}

function valueOf(value: Json | undefined): string {
  return value === undefined ? 'nothing' : brief(value);
}
