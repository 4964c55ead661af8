import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  Pair,
  type Scalar,
  YAMLMap,
  YAMLSeq,
} from 'yaml';
import type { Baseline, Renewal, RenewedValue } from '../expectations/renewal.ts';
import type { FilePath } from '../scenario.ts';
import { plainFrame, plainValue } from './plain-frame.ts';

/**
 * Renews the expectations of a scenario's document: entries in their places, those that are new at the end of their lists.
 *
 * An entry that stands by an alias becomes one of its own.
 */
export function renewExpectations(document: Document, { renewals, added }: Baseline): void {
  for (const renewal of renewals) renew(document, renewal);
  for (const { port, groups } of added.frames) {
    const list = listAt(document, ['expect', 'frames', port]);
    for (const group of groups) list.items.push(inLine(document, plainFrame(group)));
  }
  if (added.drops.length === 0) return;
  const list = listAt(document, ['expect', 'drops']);
  for (const drop of added.drops) list.items.push(inLine(document, drop));
}

function renew(document: Document, { place, keys }: Renewal): void {
  const entry = nodeAt(document, place);
  if (!isMap(entry)) throw new TypeError(`no entry at ${place.join('.')}`);
  for (const [key, value] of Object.entries(keys)) {
    const pair = pairAt(entry, key);
    const plain = typeof value === 'string' ? plainValue(value) : value;
    if (pair === undefined) entry.items.push(document.createPair(key, plain));
    else if (isScalar(pair.value) && !isList(plain)) setScalar(pair.value, plain);
    else pair.value = instead(pair.value, isList(plain) ? inLine(document, plain) : document.createNode(plain));
  }
}

function setScalar(scalar: Scalar, value: unknown): void {
  scalar.value = value;
  delete scalar.source;
}

/** The new value, with the comments of the old one. */
function instead(old: unknown, value: Node): Node {
  if (!isNode(old)) return value;
  const { comment, commentBefore, spaceBefore } = old;
  return Object.assign(value, { comment, commentBefore, spaceBefore });
}

function isList(value: RenewedValue): value is readonly string[] {
  return typeof value === 'object';
}

/** `{ a: 1 }`, `[a, b]`. */
function inLine(document: Document, value: object): Node {
  return document.createNode(value, { flow: true });
}

/** The list at a place of keys, made where there is none. */
function listAt(document: Document, place: readonly string[]): YAMLSeq {
  const map = place.slice(0, -1).reduce<YAMLMap>((parent, key) => {
    const found = childAt(document, parent, key);
    return isMap(found) ? spread(found) : put(parent, key, new YAMLMap());
  }, rootOf(document));
  const last = place.at(-1) ?? '';
  const found = childAt(document, map, last);
  return isSeq(found) ? spread(found) : put(map, last, new YAMLSeq());
}

/** What comes into empty braces or brackets gets lines of its own. */
function spread<Collection extends YAMLMap | YAMLSeq>(collection: Collection): Collection {
  if (collection.items.length === 0) collection.flow = false;
  return collection;
}

function put<Child extends YAMLMap | YAMLSeq>(parent: YAMLMap, key: string, child: Child): Child {
  const pair = pairAt(parent, key);
  if (pair === undefined) {
    parent.items.push(new Pair(key, child));
    return child;
  }
  // Of nothing, the comment behind it is the key's.
  if (isNode(pair.value) && pair.value.comment) child.commentBefore = pair.value.comment;
  pair.value = child;
  return child;
}

function nodeAt(document: Document, place: FilePath): unknown {
  return place.reduce<unknown>((node, step) => childAt(document, node, step), rootOf(document));
}

function rootOf({ contents }: Document): YAMLMap {
  if (!isMap(contents)) throw new TypeError('a scenario file is a map');
  return contents;
}

/** What stands at a key or an index; in place of an alias a copy, which may be changed. */
function childAt(document: Document, parent: unknown, step: string | number): unknown {
  if (isSeq(parent)) {
    const item = parent.items[Number(step)];
    return isAlias(item) ? (parent.items[Number(step)] = copyOf(document, item)) : item;
  }
  const pair = isMap(parent) ? pairAt(parent, String(step)) : undefined;
  if (pair === undefined) return undefined;
  return isAlias(pair.value) ? (pair.value = copyOf(document, pair.value)) : pair.value;
}

function copyOf(document: Document, alias: Alias): Node | undefined {
  const copy: unknown = alias.resolve(document)?.clone();
  if (!isNode(copy) || isAlias(copy)) return undefined;
  delete copy.anchor;
  return copy;
}

/** Keys are names as they are written: `1.10` is no number. */
function pairAt(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find(({ key: each }) =>
    isScalar(each) ? (each.source ?? String(each.value)) === key : each === key,
  );
}
