import type { ClassName } from '../../model/bindings.ts';
import type { Uuid } from '../../model/ids.ts';
import type { NsdbObject, Provenance } from '../nsdb.ts';
import { objectPath } from '../paths.ts';
import type { Link } from './link.ts';
import { objectsBelow } from './names-below.ts';
import { parseObject, parseProvenance, readObject } from './records.ts';
import { conflict } from './snapshot.ts';
import { classNode, provenanceNode } from './tree.ts';

/** How often a list is read anew when something of it changed meanwhile. */
const LIST_ATTEMPTS = 20;

export async function findObject(link: Link, cls: ClassName, id: Uuid): Promise<NsdbObject | undefined> {
  const { value } = await link.read((client) => client.data(objectPath(cls, id)));
  return value && parseObject(cls, id, value).object;
}

/** All objects of a class as they were at one moment. Rejects with `concurrent-modification` where they never stand still. */
export async function listObjects(link: Link, cls: ClassName): Promise<readonly NsdbObject[]> {
  for (let attempt = 1; attempt <= LIST_ATTEMPTS; attempt++) {
    // oxlint-disable-next-line eslint/no-await-in-loop -- read anew only when something changed meanwhile
    const found = await listOnce(link, cls);
    if (found !== undefined) return found;
  }
  throw conflict(classNode(cls));
}

/** Who wrote an object as it is now; undefined where there is none, or it was written by hand. */
export async function findProvenance(link: Link, cls: ClassName, id: Uuid): Promise<Provenance | undefined> {
  for (;;) {
    /* oxlint-disable eslint/no-await-in-loop -- read anew only when the object changed between the two reads */
    const { value } = await link.read((client) => client.data(objectPath(cls, id)));
    if (value === undefined) return undefined;
    const { object, incarnation } = parseObject(cls, id, value);
    const path = provenanceNode(cls, id, incarnation);
    const { value: record } = await link.read((client) => client.data(path));
    const provenance = record && parseProvenance(record, object.version);
    if (record !== undefined && provenance === undefined) {
      link.malformed(path, 'says nothing of who wrote; it is left out');
    }
    if (record?.stat.modified === value.stat.modified) return provenance;
    const { value: now } = await link.read((client) => client.stat(objectPath(cls, id)));
    if (now?.modified === value.stat.modified) return undefined; // written by hand
    /* oxlint-enable eslint/no-await-in-loop */
  }
}

/** Undefined where something changed while they were read. */
async function listOnce(link: Link, cls: ClassName): Promise<readonly NsdbObject[] | undefined> {
  const { value, zxid } = await link.read((client) => client.children(classNode(cls)));
  const ids = objectsBelow(link, cls, value?.names ?? []);
  const nodes = await Promise.all(ids.map((id) => link.read((client) => readObject(client, objectPath(cls, id)))));
  const isLater = nodes.some(({ value: node }) => node === undefined || node.stat.modified > zxid);
  if (isLater) return undefined;
  return ids.flatMap((id, n) => {
    const node = nodes[n]?.value;
    try {
      return node === undefined ? [] : [parseObject(cls, id, node).object];
    } catch (cause) {
      link.report(cause); // it hurts only itself
      return [];
    }
  });
}
