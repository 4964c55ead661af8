import type { Uuid } from '../../topology/model/ids.ts';
import type { Kept, ObjectName, PlannedChange } from '../../topology/nsdb/plan/plan.ts';
import type { EntryChange } from '../../topology/nsdb/plan/plan-entries.ts';
import type { NamedPlan } from '../topology/named-plan.ts';
import type { Look } from './look.ts';
import { tellChange, tellFields } from './plan-fields.ts';
import { formatTable, type Cell } from './table.ts';

/** How many things a plan creates, changes, deletes and keeps. */
export interface PlanCounts {
  readonly create: number;
  readonly change: number;
  readonly delete: number;
  readonly keep: number;
}

export function countsOf({ plan }: NamedPlan): PlanCounts {
  const { creations, changes, deletions, entries, kept } = plan;
  const come = entries.filter(({ before }) => before === undefined).length;
  const go = entries.filter(({ after }) => after === undefined).length;
  return {
    create: creations.length + come,
    change: changes.length + entries.length - come - go,
    delete: deletions.length + go,
    keep: kept.length,
  };
}

/**
 * A plan for people, a line for each thing: `+` what comes, `~` what differs and how, `-` what goes, `=` what stays though it would not.
 *
 * @returns nothing for a plan in which nothing is
 */
export function formatPlan(named: NamedPlan, look: Look): string {
  const { plan, kindOf, nameOf } = named;
  const { signs } = look;
  const line = (sign: Sign, { class: cls, id }: ObjectName, told: string): Line => ({
    sign,
    kind: kindOf(cls),
    name: nameOf(id),
    told,
  });
  const entries = plan.entries.map((entry) => entryLine(entry, nameOf, signs.to));
  const deletions = plan.deletions.map((each) => {
    const { with: owner } = each;
    return line('-', each, owner === undefined ? '' : `goes with ${kindOf(owner.class)} ${nameOf(owner.id)}`);
  });
  const lines = [
    ...plan.creations.map((each) => line('+', each, tellFields(each.fields, nameOf))),
    ...entries.filter(({ sign }) => sign === '+'),
    ...plan.changes.map((each) => line('~', each, changesOf(each, signs.to, nameOf))),
    ...entries.filter(({ sign }) => sign === '~'),
    ...entries.filter(({ sign }) => sign === '-'),
    ...byKindAndName(deletions),
    ...plan.kept.map((each) => line('=', each, `stays: ${reasonOf(each, named)}`)),
  ];
  return draw(lines, look);
}

type Sign = '+' | '~' | '-' | '=';

interface Line {
  readonly sign: Sign;
  readonly kind: string;
  readonly name: string;
  readonly told: string;
}

function draw(lines: readonly Line[], look: Look): string {
  const { paint } = look;
  const colours = { '+': paint.good, '~': paint.warn, '-': paint.bad, '=': paint.quiet };
  const rows = lines.map(({ sign, kind, name, told }): Cell[] => [
    { text: sign, paint: colours[sign] },
    kind,
    { text: name, paint: paint.strong },
    told,
  ]);
  const columns = ['', '', '', ''].map((title) => ({ title }));
  const drawn = formatTable(columns, rows, { ...look, width: undefined }); // nothing of it is cut short
  return drawn.map((text) => `${text}\n`).join('');
}

/** Kinds in the order in which they come first. */
function byKindAndName(lines: readonly Line[]): readonly Line[] {
  const kinds = [...new Set(lines.map(({ kind }) => kind))];
  return lines.toSorted((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || (a.name < b.name ? -1 : 1));
}

function changesOf({ changes, isConsequence }: PlannedChange, arrow: string, nameOf: (id: Uuid) => string): string {
  const told = changes.map(({ field, before, after }) => tellChange(field, before, after, arrow, nameOf));
  return `${told.join(', ')}${isConsequence ? ' (in consequence)' : ''}`;
}

function entryLine(
  { table, owner, arg, key, before, after }: EntryChange,
  nameOf: (id: Uuid) => string,
  arrow: string,
): Line {
  const isMac = table === 'mac_table';
  const values = [before, after].filter((value) => value !== undefined);
  // What is no id has no name, and is told as it is.
  const told = values.map((value) => (isMac ? nameOf(value as Uuid).replace(/^[^:]*:/, '') : value)); // oxlint-disable-line typescript/no-unsafe-type-assertion -- see above
  return {
    sign: before === undefined ? '+' : after === undefined ? '-' : '~',
    kind: isMac ? 'mac' : 'arp',
    name: `${nameOf(owner)} ${key}${arg === undefined || arg === 0 ? '' : ` vlan ${arg}`}`,
    told: `${isMac ? 'at' : 'is at'} ${told.join(` ${arrow} `)}`,
  };
}

function reasonOf({ reason }: Kept, { kindOf, nameOf }: NamedPlan): string {
  switch (reason.kind) {
    case 'unreadable':
      return 'it cannot be read';
    case 'alive':
      return 'its agent runs';
    case 'used':
      return `${kindOf(reason.by.class)} ${nameOf(reason.by.id)} needs it`;
    case 'part':
      return `it belongs to ${kindOf(reason.of.class)} ${nameOf(reason.of.id)}`;
  }
}
