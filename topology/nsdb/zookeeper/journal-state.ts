import { isJsonObject, parseJson } from '../../model/json.ts';
import type { NodeData } from './client/node.ts';
import type { Operation } from './client/operation.ts';
import { JOURNAL } from './tree.ts';

/**
 * Where a change that is too large for one request stands.
 *
 * - `clean`: there is none
 * - `frozen`: nobody else may write; what the change rests on is looked at once more, and its parts are written down
 * - `committed`: it counts. Readers wait until all its parts are carried out, which anybody may do
 * - `unreadable`: somebody wrote there by hand, and parts of a large change are left that may count or not. Reading goes on
 */
export type JournalState =
  | { readonly state: 'clean' }
  | { readonly state: 'unreadable' }
  | { readonly state: 'frozen'; readonly id: string }
  | { readonly state: 'committed'; readonly id: string; readonly parts: number; readonly next: number };

/** A state, and the version of the node that held it. */
export interface Standing {
  readonly is: JournalState;
  readonly version: number;
}

/** Reads the journal's node; undefined where it holds no state. */
export function parseState({ data }: NodeData): JournalState | undefined {
  const record = parseJson(data.toString());
  if (isJsonObject(record)) {
    const { state, id, parts, next } = record;
    if (state === 'clean') return { state };
    if (state === 'frozen' && typeof id === 'string') return { state, id };
    if (state === 'committed' && typeof id === 'string' && typeof parts === 'number' && typeof next === 'number')
      return { state, id, parts, next };
  }
  return undefined;
}

/** Sets the node, if it still stands as it did. */
export function stepFrom({ version }: Standing, next: JournalState): Operation {
  return { kind: 'set', path: JOURNAL, data: Buffer.from(JSON.stringify(next)), version };
}
