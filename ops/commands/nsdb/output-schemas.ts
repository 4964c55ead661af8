import { CLASSES } from '../../../topology/model/bindings.ts';
import type { JsonSchema } from '../../../topology/model/schema/json-schema.ts';
import { list, objectOf, text, titled, word } from '../../../topology/model/schema/output-schema.ts';
import { FINDING_KINDS } from '../../../topology/nsdb/zookeeper/upkeep/finding.ts';
import type { CheckOutput, ClosedLine, FindingOutput, OpenLine, TreeOutput, WatchLine } from './outputs.ts';

const VERSION: JsonSchema = { type: 'integer', minimum: 1, maximum: 1 };
const COUNT: JsonSchema = { type: 'integer', minimum: 0 };
const BOOLEAN: JsonSchema = { type: 'boolean' };
const PATH: JsonSchema = { type: 'string', pattern: '^/', description: 'a node, below the root' };
const NAME = text("the object's");
const TIME: JsonSchema = { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$` };
const FIELDS: JsonSchema = { type: 'object' };

const FINDING = objectOf<FindingOutput>(
  {
    kind: word(...FINDING_KINDS),
    path: PATH,
    name: NAME,
    what: text('reads after the path'),
    repair: {
      ...objectOf<NonNullable<FindingOutput['repair']>>(
        { what: text('reads after "it"'), loss: { ...BOOLEAN, description: 'whether it needs --discard' } },
        {},
      ),
      description: 'absent where only a person can mend it',
    },
  },
  { name: true, repair: true },
);

const CHECK = objectOf<CheckOutput>(
  {
    version: VERSION,
    clean: BOOLEAN,
    zxid: text('the transaction as of which this was so'),
    nodes: COUNT,
    objects: COUNT,
    unsettled: { ...COUNT, description: 'findings that there may be besides, on nodes that kept changing' },
    findings: list(FINDING),
    mended: list(FINDING),
  },
  {},
);

const NODE: JsonSchema = {
  anyOf: [
    objectOf<OpenLine>(
      {
        path: PATH,
        name: NAME,
        bytes: COUNT,
        version: { ...COUNT, description: 'how often its data was set since it was made' },
        children: COUNT,
        created: TIME,
        modified: TIME,
        session: text('the one that it lives in'),
        rights: text('who may do what with it, where it is not for these credentials alone'),
        stranger: text('why it is no part of a database'),
      },
      { name: true, session: true, rights: true, stranger: true },
    ),
    objectOf<ClosedLine>({ path: PATH, closed: { ...BOOLEAN, description: 'to these credentials' } }, {}),
  ],
};

const WATCH = objectOf<WatchLine>(
  {
    version: VERSION,
    at: TIME,
    change: word('made', 'changed', 'removed'),
    class: word(...CLASSES),
    id: text(),
    name: NAME,
    by: text('who wrote it, where that is known'),
    before: { ...FIELDS, description: 'its fields as they were told last' },
    fields: { ...FIELDS, description: 'its fields now' },
  },
  { name: true, by: true, before: true, fields: true },
);

/** The published schemas of what `troupe nsdb` says to programs. */
export const NSDB_SCHEMAS: ReadonlyMap<string, JsonSchema> = new Map([
  ['nsdb-check', titled('troupe nsdb check -o json', CHECK)],
  [
    'nsdb-tree',
    titled('troupe nsdb tree -o json', objectOf<TreeOutput>({ version: VERSION, root: text(), nodes: list(NODE) }, {})),
  ],
  ['nsdb-watch', titled('A line of troupe nsdb watch -o ndjson', WATCH)],
]);
