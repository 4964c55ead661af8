import type { JsonSchema } from '../../../topology/model/schema/json-schema.ts';
import { list, objectOf, text, titled, word } from '../../../topology/model/schema/output-schema.ts';
import { FINDING_KINDS } from '../../../topology/nsdb/zookeeper/upkeep/finding.ts';
import type { CheckOutput, FindingOutput } from './outputs.ts';

const VERSION: JsonSchema = { type: 'integer', minimum: 1, maximum: 1 };
const COUNT: JsonSchema = { type: 'integer', minimum: 0 };
const BOOLEAN: JsonSchema = { type: 'boolean' };
const PATH: JsonSchema = { type: 'string', pattern: '^/', description: 'a node, below the root' };
const NAME = text("the object's");

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

/** The published schemas of what `troupe nsdb` says to programs. */
export const NSDB_SCHEMAS: ReadonlyMap<string, JsonSchema> = new Map([
  ['nsdb-check', titled('troupe nsdb check -o json', CHECK)],
]);
