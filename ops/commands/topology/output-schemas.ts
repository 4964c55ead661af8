import { CLASSES } from '../../../topology/model/bindings.ts';
import type { JsonSchema } from '../../../topology/model/schema/json-schema.ts';
import {
  BOOLEAN,
  COUNT,
  list,
  objectOf,
  text,
  titled,
  word,
  VERSION,
} from '../../../topology/model/schema/output-schema.ts';
import type {
  ChangeOutput,
  CreationOutput,
  DeletionOutput,
  EntryOutput,
  FieldChangeOutput,
  KeptOutput,
  ObjectOutput,
  PlanOutput,
} from '../../render/plan-json.ts';
import type { PlanCounts } from '../../render/plan-text.ts';
import type { ApplyOutput, DiffOutput } from './outputs.ts';

const HEAD = {
  class: word(...CLASSES),
  id: text(),
  name: text("the file's word for it where it has one, else the database's"),
};

const FIELD = objectOf<FieldChangeOutput>(
  { before: { description: 'null where it has none' }, after: { description: 'null where it is to have none' } },
  {},
);

const VALUE: JsonSchema = { anyOf: [text(), { type: 'null' }] };

const PLAN: Readonly<Record<keyof PlanOutput, JsonSchema>> = {
  summary: objectOf<PlanCounts>({ create: COUNT, change: COUNT, delete: COUNT, keep: COUNT }, {}),
  create: list(objectOf<CreationOutput>({ ...HEAD, fields: { type: 'object' } }, {})),
  change: list(
    objectOf<ChangeOutput>(
      {
        ...HEAD,
        fields: { type: 'object', additionalProperties: FIELD },
        consequence: { ...BOOLEAN, description: 'true where the database does it by itself along with the rest' },
      },
      { consequence: true },
    ),
  ),
  delete: {
    ...list(
      objectOf<DeletionOutput>(
        { ...HEAD, with: { ...objectOf<ObjectOutput>(HEAD, {}), description: 'what it goes with by itself' } },
        { with: true },
      ),
    ),
    description: 'in an order in which they can go',
  },
  entries: {
    ...list(
      objectOf<EntryOutput>(
        {
          table: word('mac_table', 'ip4_mac_table'),
          bridge: text("the bridge's name"),
          vlan: COUNT,
          key: text('a MAC, or an IPv4 address'),
          before: { ...VALUE, description: 'null where it comes' },
          after: { ...VALUE, description: 'null where it goes' },
        },
        { vlan: true },
      ),
    ),
    description: "persistent entries of bridges' tables",
  },
  keep: {
    ...list(objectOf<KeptOutput>({ ...HEAD, reason: word('unreadable', 'alive', 'used', 'part') }, {})),
    description: 'what stays although it would change or go, and why',
  },
};

const APPLY = objectOf<ApplyOutput>(
  { version: VERSION, applied: { ...BOOLEAN, description: 'whether it was carried out' }, ...PLAN },
  {},
);

const DIFF = objectOf<DiffOutput>(
  { version: VERSION, same: { ...BOOLEAN, description: 'whether applying would change nothing' }, ...PLAN },
  {},
);

/** The published schemas of what `troupe topology apply` and `diff` say to programs. */
export const PLAN_SCHEMAS: ReadonlyMap<string, JsonSchema> = new Map([
  ['topology-apply', titled('troupe topology apply -o json', APPLY)],
  ['topology-diff', titled('troupe topology diff -o json', DIFF)],
]);
