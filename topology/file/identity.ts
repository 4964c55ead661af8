import type { Uuid } from '../model/ids.ts';
import { idOfPath } from './named-ids.ts';

/** What a file can say of an object's identity. */
interface Identity {
  readonly id?: Uuid;
  readonly label?: string | null;
}

/** An object's id: as the file says, else that of its path of names. */
export function idOf(spec: Identity | null | undefined, path: readonly string[]): Uuid {
  return spec?.id ?? idOfPath(path);
}

/** What a file has to say of an object's identity: nothing, where it follows from the name. */
export function identityOf(
  object: { readonly id: Uuid; readonly name?: string },
  name: string,
  path: readonly string[],
): Identity {
  return {
    ...(object.id !== idOfPath(path) && { id: object.id }),
    ...(object.name !== name && { label: object.name ?? null }),
  };
}

/** The name that an object's record has: its label, if it has one, else what the file calls it; none where the label is nothing. */
export function recordName(spec: Identity | null | undefined, name: string): { readonly name?: string } {
  const label = spec?.label;
  if (label === null) return {};
  return { name: label ?? name };
}
