import { referencesOf, type ClassName } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';
import { isJsonArray, type JsonObject } from '../model/json.ts';
import { objectPath } from './paths.ts';

// What an operation weighs beside its texts, generously: header, flags, access list; the provenance record; an entry's path.
const OPERATION_BYTES = 96;
const PROVENANCE_BYTES = 256;
const ENTRY_BYTES = 192;

/**
 * What creating or replacing an object weighs in a transaction: what it would take on the wire, generously.
 *
 * @param bytes of its fields in UTF-8, where that is known already
 */
export function weightOf(cls: ClassName, id: Uuid, fields: JsonObject, bytes?: number): number {
  let entries = 0;
  for (const { near } of referencesOf(cls)) {
    const held = fields[near.field];
    if (held !== undefined) entries += isJsonArray(held) ? held.length : 1;
  }
  const text = bytes ?? Buffer.byteLength(JSON.stringify(fields));
  return text + objectPath(cls, id).length * 2 + OPERATION_BYTES + PROVENANCE_BYTES + entries * ENTRY_BYTES;
}

/** What deleting an object weighs in a transaction, without what that cascades to. */
export function deletionWeight(cls: ClassName, id: Uuid): number {
  return OPERATION_BYTES * 2 + objectPath(cls, id).length * 2;
}
