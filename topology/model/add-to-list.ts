/** Adds something at the end of the list that a key has, which is made where there is none. */
export function addToList<K, T>(lists: Map<K, T[]>, key: K, what: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [what]);
  else list.push(what);
}
