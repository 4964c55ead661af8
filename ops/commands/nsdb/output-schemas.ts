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
import { SERVER_ROLES } from '../../../topology/nsdb/zookeeper/server-status.ts';
import { FINDING_KINDS } from '../../../topology/nsdb/zookeeper/upkeep/finding.ts';
import type {
  CheckOutput,
  ClosedLine,
  FindingOutput,
  NotServingOutput,
  OpenLine,
  ServingOutput,
  SilentOutput,
  StatusOutput,
  TreeOutput,
  WatchLine,
} from './outputs.ts';

const PATH: JsonSchema = { type: 'string', pattern: '^/', description: 'a node, below the root' };
const NAME = text("the object's");
const TIME: JsonSchema = { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$` };
const FIELDS: JsonSchema = { type: 'object' };

const AMOUNT: JsonSchema = { type: 'number', minimum: 0 };
const SERVER = text('host:port');
const FORBIDDEN: JsonSchema = { ...list(text()), description: 'four-letter words that it does not allow' };

const SERVERS: JsonSchema = list({
  anyOf: [
    objectOf<ServingOutput>(
      {
        server: SERVER,
        forbidden: FORBIDDEN,
        kind: word('serving'),
        role: { anyOf: [word(...SERVER_ROLES), { type: 'null' }], description: 'null where it does not tell' },
        version: text("ZooKeeper's"),
        latency: {
          ...objectOf<NonNullable<ServingOutput['latency']>>({ min: AMOUNT, avg: AMOUNT, max: AMOUNT }, {}),
          description: 'of requests since it started, in milliseconds',
        },
        connections: COUNT,
        sessions: { ...COUNT, description: 'those whose clients are connected to it' },
        outstanding: { ...COUNT, description: 'requests taken and not yet answered' },
        watches: COUNT,
        nodes: COUNT,
        zxid: { type: 'string', pattern: '^0x[0-9a-f]+$', description: 'the last transaction that it has' },
        fsync: {
          ...objectOf<NonNullable<ServingOutput['fsync']>>({ avg: AMOUNT, max: AMOUNT }, {}),
          description: 'how long writing to the disk took, in milliseconds',
        },
        dataBytes: { ...COUNT, description: 'of snapshots, on its disk' },
        logBytes: {
          ...COUNT,
          description: 'of logs; the same folder as of snapshots where they have none of their own',
        },
        uptime: { ...AMOUNT, description: 'in milliseconds' },
        quorumSize: { ...COUNT, description: 'how many servers vote in its ensemble' },
        syncedFollowers: { ...COUNT, description: "a leader's: how many followers have all it has" },
        lag: {
          anyOf: [COUNT, word('an epoch')],
          description: 'how many transactions it is behind the leader, about; absent where that cannot be known',
        },
      },
      {
        version: true,
        latency: true,
        connections: true,
        sessions: true,
        outstanding: true,
        watches: true,
        nodes: true,
        zxid: true,
        fsync: true,
        dataBytes: true,
        logBytes: true,
        uptime: true,
        quorumSize: true,
        syncedFollowers: true,
        lag: true,
      },
    ),
    objectOf<NotServingOutput>({ server: SERVER, forbidden: FORBIDDEN, kind: word('not-serving') }, {}),
    objectOf<SilentOutput>(
      { server: SERVER, forbidden: FORBIDDEN, kind: word('silent'), why: text('reads after "it"') },
      {},
    ),
  ],
});

const STATUS = objectOf<StatusOutput>(
  {
    version: VERSION,
    verdict: word('fine', 'degraded', 'no-quorum'),
    size: { ...COUNT, description: 'how many servers vote' },
    needed: { ...COUNT, description: 'how many of these must be together so that anything can be written' },
    serving: COUNT,
    leader: { anyOf: [SERVER, { type: 'null' }], description: 'null where none is known' },
    sentence: text('what it all comes to'),
    problems: { ...list(text()), description: 'what is wrong besides servers that do not serve' },
    notes: { ...list(text()), description: 'what works, and might be better' },
    servers: SERVERS,
  },
  {},
);

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
  ['nsdb-status', titled('troupe nsdb status -o json', STATUS)],
  ['nsdb-check', titled('troupe nsdb check -o json', CHECK)],
  [
    'nsdb-tree',
    titled('troupe nsdb tree -o json', objectOf<TreeOutput>({ version: VERSION, root: text(), nodes: list(NODE) }, {})),
  ],
  ['nsdb-tree-line', titled('A line of troupe nsdb tree -o ndjson', NODE)],
  ['nsdb-watch', titled('A line of troupe nsdb watch -o ndjson', WATCH)],
]);
