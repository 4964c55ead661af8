import type { ClassName } from '../../model/bindings.ts';
import type { Uuid } from '../../model/ids.ts';
import { isJsonObject, parseJson, parseJsonObject, type JsonObject } from '../../model/json.ts';
import type { NsdbObject, Provenance } from '../nsdb.ts';
import { NsdbError } from '../nsdb-error.ts';
import { objectPath } from '../paths.ts';
import { noPermission } from './answer-error.ts';
import type { NodeData, NodeStat } from './client/node.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/** The newest record that this program can read. */
const RECORD = 1;

/** An object's node, as far as these credentials may see it. */
interface ObjectNode {
  /** Undefined where they may not read it. */
  readonly data: Buffer | undefined;
  readonly stat: Pick<NodeStat, 'modified'>;
}

/** An object, and which making of it this is. */
export interface StoredObject {
  readonly object: NsdbObject;
  readonly incarnation: string;
  /** What a newer program has put beside the fields. */
  readonly rest: JsonObject;
}

/** @param rest what stood beside the fields before, and we know nothing of: it is kept */
export function formatObject(incarnation: string, fields: JsonObject, rest: JsonObject = {}): Buffer {
  return Buffer.from(JSON.stringify({ v: RECORD, made: incarnation, fields, ...rest }));
}

/** Reads an object's node. One that these credentials may not read hurts nobody who lists or watches others along with it. */
export async function readObject(
  client: ZookeeperClient,
  path: string,
  watch = false,
): Promise<{ readonly value: ObjectNode | undefined }> {
  try {
    return await client.data(path, watch);
  } catch (cause) {
    if (!(cause instanceof ZookeeperError) || cause.fault !== 'no-auth') throw cause;
    return { value: { data: undefined, stat: { modified: -1 } } };
  }
}

/** Reads an object's record. Throws `invalid`, naming the node, where it is none or of a newer kind; `no-permission`. */
export function parseObject(cls: ClassName, id: Uuid, node: ObjectNode): StoredObject {
  const examined = examineObject(cls, id, node);
  if (examined.kind === 'readable') return examined.stored;
  throw examined.error;
}

/** What an object's node holds. */
export type Examined =
  | { readonly kind: 'readable'; readonly stored: StoredObject }
  | { readonly kind: 'closed' | 'newer' | 'malformed'; readonly error: NsdbError };

/** Looks what an object's node holds. */
export function examineObject(cls: ClassName, id: Uuid, { data, stat }: ObjectNode): Examined {
  if (data === undefined) return { kind: 'closed', error: noPermission(objectPath(cls, id)) };
  const { v, made, fields, ...rest } = parseJsonObject(data.toString()) ?? {};
  if (typeof v === 'number' && v > RECORD) {
    const error = unreadable(cls, id, `its record is of version ${v}, newer than ${RECORD}`);
    return { kind: 'newer', error };
  }
  if (typeof made !== 'string' || fields === undefined || !isJsonObject(fields)) {
    const error = unreadable(cls, id, `${JSON.stringify(data.toString('utf8', 0, 60))} is no object's record`);
    return { kind: 'malformed', error };
  }
  const object = { class: cls, id, fields, version: String(stat.modified) };
  return { kind: 'readable', stored: { object, incarnation: made, rest } };
}

/** The name of the object that a node holds; undefined where it has none, or cannot be read. */
export function nameIn(examined: Examined): string | undefined {
  const name = examined.kind === 'readable' ? examined.stored.object.fields['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

export function formatProvenance(writer: string, change: Provenance['change']): Buffer {
  return Buffer.from(JSON.stringify({ writer, change, product: 'troupe' }));
}

export function parseProvenance({ data, stat }: NodeData, version: string): Provenance | undefined {
  const record = parseJson(data.toString());
  const writer = isJsonObject(record) ? record['writer'] : undefined;
  const change = isJsonObject(record) ? record['change'] : undefined;
  if (typeof writer !== 'string' || (change !== 'data' && change !== 'reference')) return undefined;
  return { writer, change, version, at: stat.modifiedAt };
}

function unreadable(cls: ClassName, id: Uuid, why: string): NsdbError {
  const sentence = `${objectPath(cls, id)}: ${why}. It is left out; delete or mend the node`;
  return new NsdbError('invalid', sentence, { class: cls, id });
}
