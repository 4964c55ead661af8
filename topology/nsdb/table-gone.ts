import { NsdbError } from './nsdb-error.ts';
import type { TableKind, TablePlace } from './state-table.ts';

/** What tells the tables of all kinds apart. */
export type TableName = Pick<TableKind<never, never>, 'class' | 'table'>;

/** Why a table is no more: it was closed, or, an orphan, is without the owner that it had. */
export function tableGone({ class: cls, table }: TableName, { owner }: TablePlace, isOrphan: boolean): NsdbError {
  if (!isOrphan || cls === 'global' || owner === undefined) {
    return new NsdbError('closed', `the table ${table} was closed`);
  }
  return new NsdbError('not-found', `there is no ${cls} ${owner}, so it has no ${table}`, { class: cls, id: owner });
}
