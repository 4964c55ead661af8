import type { ClassName } from '../../model/bindings.ts';
import type { Uuid } from '../../model/ids.ts';
import { objectPath } from '../paths.ts';
import type { Link } from './link.ts';
import { classNode, idsAmong, parseReferrerName } from './tree.ts';

/** The ids of a class's objects, of all names under its node. What is none is left out, and named once. */
export function objectsBelow(link: Link, cls: ClassName, names: readonly string[]): readonly Uuid[] {
  const ids = idsAmong(names);
  if (ids.length < names.length) {
    const known = new Set<string>(ids);
    for (const name of names) {
      if (!known.has(name)) link.malformed(`${classNode(cls)}/${name}`, 'is no id of an object; it is left out');
    }
  }
  return ids;
}

/** The referrers through one field, of all names under an object's node. What is no back-reference is left out, and named once. */
export function referrersBelow(
  link: Link,
  cls: ClassName,
  id: Uuid,
  names: readonly string[],
  backField: string,
): readonly Uuid[] {
  return names.flatMap((name) => {
    const parsed = parseReferrerName(name);
    if (parsed === undefined) link.malformed(`${objectPath(cls, id)}/${name}`, 'is no back-reference; it is left out');
    return parsed?.backField === backField ? parsed.referrer : [];
  });
}
