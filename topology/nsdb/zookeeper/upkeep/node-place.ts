import { CLASSES, referencesOf, type ClassName } from '../../../model/bindings.ts';
import { parseUuid, type Uuid } from '../../../model/ids.ts';
import type { Sequence } from '../../nsdb.ts';
import { decodeName } from '../../paths.ts';
import { isSequence } from '../counter.ts';
import { isPartName } from '../journal-parts.ts';
import { isPlace } from '../queue-place.ts';
import { parseIncarnated, parseReferrerName } from '../tree.ts';

/** One making of an object. */
export interface Incarnated {
  readonly class: ClassName;
  readonly id: Uuid;
  readonly incarnation: string;
}

/** Which table a directory holds. A global one has no owner. */
export interface TableOf {
  readonly owner: Incarnated | undefined;
  readonly table: string;
  readonly arg: number | undefined;
}

/**
 * What a node of the tree is for, as its path says it (see `paths.ts` and `tree.ts`).
 *
 * - `fixed`: made with the tree, and nothing but a parent
 * - `runs`: above databases of their own, of runs that are played
 * - `stranger`: at no place of the tree. `isPlausible`: a newer version of Troupe may have made it
 */
export type NodePlace =
  | { readonly kind: 'fixed' | 'schema' | 'journal' | 'journal-owner' | 'runs' | 'nat' }
  | { readonly kind: 'journal-part'; readonly change: string; readonly number: number }
  | { readonly kind: 'object'; readonly class: ClassName; readonly id: Uuid }
  | {
      readonly kind: 'referrer';
      readonly class: ClassName;
      readonly id: Uuid;
      readonly backField: string;
      readonly referrer: Uuid;
    }
  | ({ readonly kind: 'provenance' | 'table-owner' } & Incarnated)
  | { readonly kind: 'state-namespace'; readonly namespace: Uuid }
  | { readonly kind: 'state-class'; readonly namespace: Uuid; readonly class: ClassName }
  | ({ readonly kind: 'state-object'; readonly namespace: Uuid } & Incarnated)
  | ({ readonly kind: 'state-key'; readonly namespace: Uuid; readonly key: string } & Incarnated)
  | ({
      readonly kind: 'state-value';
      readonly namespace: Uuid;
      readonly key: string;
      readonly text: string;
    } & Incarnated)
  | ({ readonly kind: 'table' } & TableOf)
  | ({ readonly kind: 'entry'; readonly name: string } & TableOf)
  | { readonly kind: 'sequence'; readonly sequence: Sequence }
  | { readonly kind: 'queue'; readonly of: 'lock' | 'election'; readonly name: string }
  | { readonly kind: 'place'; readonly of: 'lock' | 'election'; readonly name: string }
  | { readonly kind: 'nat-device'; readonly device: Uuid }
  | { readonly kind: 'nat-address'; readonly device: Uuid; readonly ip: string }
  | { readonly kind: 'nat-block' | 'nat-lease'; readonly device: Uuid; readonly ip: string; readonly block: number }
  | { readonly kind: 'stranger'; readonly why: string; readonly isPlausible: boolean };

type Stranger = Extract<NodePlace, { readonly kind: 'stranger' }>;

/** What the node at a path below the root is for. */
export function placeOf(path: string): NodePlace {
  const parts = path === '/' ? [] : path.slice(1).split('/');
  const [first = '', ...rest] = parts;
  switch (first) {
    case '':
      return { kind: 'fixed' };
    case 'schema':
      return leaf(rest, { kind: 'schema' }, 'the schema version');
    case 'runs':
      return { kind: 'runs' };
    case 'elections':
      return queueAt('election', rest);
    case 'sequences':
      return sequenceAt(rest);
    case 'nat':
      return natAt(rest);
    case 'zoom':
      return zoomAt(rest);
    default:
      return stranger('is no part of the tree', true);
  }
}

function zoomAt([version, area, ...rest]: readonly string[]): NodePlace {
  if (version === undefined) return { kind: 'fixed' };
  if (version !== '0') return stranger('is no part of the tree', true);
  switch (area) {
    case undefined:
      return { kind: 'fixed' };
    case 'models':
      return rest.length === 0 ? { kind: 'fixed' } : ofClass(rest, modelAt);
    case 'objects':
      return rest.length === 0 ? { kind: 'fixed' } : ofClass(rest, provenanceAt);
    case 'tables':
      return rest[0] === 'global'
        ? globalTableAt(rest.slice(1))
        : rest.length === 0
          ? { kind: 'fixed' }
          : ofClass(rest, tableAt);
    case 'state':
      return stateAt(rest);
    case 'locks':
      return queueAt('lock', rest);
    case 'journal':
      return journalAt(rest);
    default:
      return stranger('is no part of the tree', true);
  }
}

function ofClass(
  [name = '', ...rest]: readonly string[],
  place: (cls: ClassName, rest: readonly string[]) => NodePlace,
): NodePlace {
  const cls = CLASSES.find((one) => one === name);
  if (cls === undefined) return stranger('is no class of objects', /^[A-Z]\w*$/.test(name));
  return rest.length === 0 ? { kind: 'fixed' } : place(cls, rest);
}

function modelAt(cls: ClassName, [name = '', child, ...rest]: readonly string[]): NodePlace {
  const id = parseUuid(name);
  if (id === undefined || id !== name) return stranger('is no id of an object');
  if (child === undefined) return { kind: 'object', class: cls, id };
  const parsed = parseReferrerName(child);
  if (parsed === undefined) return stranger('is no back-reference');
  const isKnown = referencesOf(cls).some(({ near }) => near.holding === 'index' && near.field === parsed.backField);
  if (!isKnown) return stranger(`is no back-reference that a ${cls} has`, true);
  return leaf(rest, { kind: 'referrer', class: cls, id, ...parsed }, 'a back-reference');
}

function provenanceAt(cls: ClassName, [name = '', ...rest]: readonly string[]): NodePlace {
  const owner = parseIncarnated(name);
  if (owner === undefined) return stranger('is no record of who wrote an object');
  return leaf(rest, { kind: 'provenance', class: cls, ...owner }, 'a record of who wrote an object');
}

function tableAt(cls: ClassName, [name = '', ...rest]: readonly string[]): NodePlace {
  const owner = parseIncarnated(name);
  if (owner === undefined) return stranger('is no owner of tables');
  const whose = { class: cls, ...owner };
  return rest.length === 0 ? { kind: 'table-owner', ...whose } : tableOf(whose, rest);
}

function globalTableAt(rest: readonly string[]): NodePlace {
  return rest.length === 0 ? { kind: 'fixed' } : tableOf(undefined, rest);
}

function tableOf(owner: Incarnated | undefined, [table = '', ...rest]: readonly string[]): NodePlace {
  const [next = '', ...below] = rest;
  const isArg = /^\d+$/.test(next);
  const which: TableOf = { owner, table, arg: isArg ? Number(next) : undefined };
  const [name, ...deeper] = isArg ? below : rest;
  if (name === undefined) return { kind: 'table', ...which };
  return leaf(deeper, { kind: 'entry', ...which, name }, 'an entry of a table');
}

function stateAt([name, className, owner, key, value, ...rest]: readonly string[]): NodePlace {
  if (name === undefined) return { kind: 'fixed' };
  const namespace = parseUuid(name);
  if (namespace === undefined || namespace !== name) return stranger('is no namespace of state: no id of a host');
  if (className === undefined) return { kind: 'state-namespace', namespace };
  const cls = CLASSES.find((one) => one === className);
  if (cls === undefined) return stranger('is no class of objects', /^[A-Z]\w*$/.test(className));
  if (owner === undefined) return { kind: 'state-class', namespace, class: cls };
  const incarnated = parseIncarnated(owner);
  if (incarnated === undefined) return stranger('is no object that has state');
  const whose = { namespace, class: cls, ...incarnated };
  if (key === undefined) return { kind: 'state-object', ...whose };
  if (value === undefined) return { kind: 'state-key', ...whose, key };
  const text = value.startsWith('=') ? decodeName(value.slice(1)) : undefined;
  if (text === undefined) return stranger('is no value of a state key');
  return leaf(rest, { kind: 'state-value', ...whose, key, text }, 'a value of a state key');
}

function sequenceAt([sequence, ...rest]: readonly string[]): NodePlace {
  if (sequence === undefined) return { kind: 'fixed' };
  if (!isSequence(sequence)) return stranger('is no sequence', true);
  return leaf(rest, { kind: 'sequence', sequence }, 'a sequence');
}

function queueAt(of: 'lock' | 'election', [encoded, name, ...rest]: readonly string[]): NodePlace {
  if (encoded === undefined) return { kind: 'fixed' };
  const queue = decodeName(encoded);
  if (queue === undefined) return stranger(`is no name of ${of === 'lock' ? 'a lock' : 'an election'}`);
  if (name === undefined) return { kind: 'queue', of, name: queue };
  if (!isPlace(name)) return stranger('is no place in a queue');
  return leaf(rest, { kind: 'place', of, name: queue }, 'a place in a queue');
}

function journalAt([name, ...rest]: readonly string[]): NodePlace {
  if (name === undefined) return { kind: 'journal' };
  if (name === 'owner') return leaf(rest, { kind: 'journal-owner' }, 'the owner of a large change');
  if (!isPartName(name)) return stranger('is no part of a large change');
  const at = name.lastIndexOf(',');
  const part = { kind: 'journal-part', change: name.slice(0, at), number: Number(name.slice(at + 1)) } as const;
  return leaf(rest, part, 'a part of a large change');
}

/** Blocks of ports for translation (spec 40 §8). */
function natAt([name, encoded, number, taken, ...rest]: readonly string[]): NodePlace {
  if (name === undefined) return { kind: 'nat' };
  const device = parseUuid(name);
  if (device === undefined || device !== name) return stranger('is no device that leases ports');
  if (encoded === undefined) return { kind: 'nat-device', device };
  const ip = decodeName(encoded);
  if (ip === undefined) return stranger('is no address');
  if (number === undefined) return { kind: 'nat-address', device, ip };
  if (!/^\d{1,4}$/.test(number)) return stranger('is no block of ports');
  if (taken === undefined) return { kind: 'nat-block', device, ip, block: Number(number) };
  if (taken !== 'taken') return stranger('is no lease of a block of ports');
  return leaf(rest, { kind: 'nat-lease', device, ip, block: Number(number) }, 'a lease of a block of ports');
}

function leaf(below: readonly string[], place: NodePlace, what: string): NodePlace {
  return below.length === 0 ? place : stranger(`stands under ${what}, where nothing belongs`);
}

function stranger(why: string, isPlausible = false): Stranger {
  return { kind: 'stranger', why, isPlausible };
}
