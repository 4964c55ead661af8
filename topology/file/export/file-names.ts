import type { Uuid } from '../../model/ids.ts';
import { idOfPath } from '../named-ids.ts';
import { NAME } from '../topology-schema.ts';

const MAX_LENGTH = NAME.maxLength ?? 100;
const PATTERN = new RegExp(NAME.pattern ?? '', 'u');

/** Something that a file has to call by a name. */
interface Named {
  readonly id: Uuid;
  readonly name?: string;
}

/**
 * Names for a file, each once: those that the objects have where a file can have them, else names like them with a part of the id. Who got
 * its id from a name keeps that one.
 *
 * @param kind what an object is called that has no name, with a part of its id
 * @param pathOf where an object of a name stands in a file
 * @param taken names that others have; the new ones are added
 */
export function fileNames(
  objects: readonly Named[],
  kind: string,
  pathOf: (name: string) => readonly string[],
  taken: Set<string> = new Set(),
): ReadonlyMap<Uuid, string> {
  const names = new Map<Uuid, string>();
  const isFromName = ({ id, name = '' }: Named) => isFileName(name) && id === idOfPath(pathOf(name));
  const firstOnes = objects.filter(isFromName);
  const others = objects.filter((object) => !isFromName(object));
  for (const { id, name } of [...firstOnes, ...others]) {
    const found = freeName(likeName(name) ?? `${kind}-${id.slice(0, 8)}`, id, taken);
    taken.add(found);
    names.set(id, found);
  }
  return names;
}

/** Whether a file can have a name as it is. */
export function isFileName(name: string): boolean {
  return name.length <= MAX_LENGTH && PATTERN.test(name);
}

/** A name that a file can have, as like the given one as may be; undefined where nothing is left of it. */
function likeName(name: string | undefined): string | undefined {
  if (name === undefined || isFileName(name)) return name;
  const like = name
    .replaceAll(/[^\p{L}\p{N}_.+@-]+/gu, '-')
    .replaceAll(/^[-.+@]+|-+$/g, '')
    .slice(0, MAX_LENGTH - 40);
  return isFileName(like) ? like : undefined;
}

function freeName(name: string, id: Uuid, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const short = `${name.slice(0, MAX_LENGTH - 40)}-${id.slice(0, 8)}`;
  return taken.has(short) ? `${name.slice(0, MAX_LENGTH - 40)}-${id}` : short;
}
