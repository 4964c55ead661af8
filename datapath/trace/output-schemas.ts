import type { JsonSchema } from '../../topology/model/schema/json-schema.ts';
import {
  BOOLEAN,
  COUNT,
  list,
  objectOf,
  text,
  titled,
  word,
  VERSION,
} from '../../topology/model/schema/output-schema.ts';
import type {
  AccountingReport,
  EndCount,
  GeneratedCount,
  LimitedCount,
  InputCount,
  LostCount,
  OutputCount,
  Sum,
} from './accounting.ts';
import { EVERY_END } from './accounting.ts';
import type { ChangeCause, ChangeStep, ChangeTrace, RemovedFlow } from './change-trace.ts';
import { DISPOSITION_KINDS } from './dispositions.ts';
import type {
  Disposition,
  FieldValue,
  PacketOrigin,
  PacketTrace,
  SuspendedRun,
  TraceFlow,
  TraceGenerated,
  TraceHop,
  TraceOutput,
  TraceOversize,
  TraceStep,
  TraceVerdict,
} from './packet-trace.ts';
import type { FlowRecord, RunReport } from './run-output.ts';

const PLACE: JsonSchema = { type: 'integer', minimum: 1 };
const SECONDS: JsonSchema = {
  type: 'string',
  pattern: String.raw`^\d+\.\d{9}$`,
  description: 'seconds since the start of the run',
};
const OCTETS: JsonSchema = { type: 'string', pattern: '^([0-9a-f]{2})*$', description: 'octets in hexadecimal' };
const ID: JsonSchema = { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' };
const REASONS = word(...new Set(EVERY_END.flatMap(([, reason]) => reason ?? [])));

const FIELD = objectOf<FieldValue>({ field: text('as Wireshark names it, where it does'), value: text() }, {});

type Rewrite = TraceHop['rewrote'][number];
const HOP = objectOf<TraceHop>(
  {
    hop: COUNT,
    parent: { ...COUNT, description: 'the hop it came from; hops of a flood share theirs' },
    device: text('its name'),
    id: ID,
    kind: word('bridge', 'router', 'port'),
    point: word('ingress', 'device', 'egress'),
    saw: list(FIELD),
    because: text('the object that decided, in words'),
    decider: ID,
    verdict: objectOf<TraceVerdict>(
      {
        kind: word('deliver', 'forward', 'flood', 'cross', 'emit', 'consumed', 'drop', 'suspend'),
        to: list(text()),
        reason: text(),
      },
      { reason: true },
    ),
    rewrote: list(objectOf<Rewrite>({ field: text(), from: text(), to: text() }, {})),
    oversize: objectOf<TraceOversize>(
      { port: text('the port whose MTU it is'), mtu: PLACE, octets: PLACE, fragments: COUNT },
      {},
    ),
    frame: OCTETS,
    tags: list(text()),
  },
  { parent: true, id: true, decider: true, oversize: true, frame: true },
);

type Origin<Kind extends PacketOrigin['kind']> = Extract<PacketOrigin, { readonly kind: Kind }>;
const ORIGIN: JsonSchema = {
  anyOf: [
    objectOf<Origin<'capture'>>({ kind: word('capture'), file: text(), frame: PLACE }, {}),
    objectOf<Origin<'station'>>({ kind: word('station'), station: text(), because: text() }, {}),
    objectOf<Origin<'generated'>>(
      { kind: word('generated'), by: text(), cause: text(), packet: PLACE },
      { packet: true },
    ),
    objectOf<Origin<'what-if'>>({ kind: word('what-if'), text: text() }, {}),
  ],
};

const WAY = list(
  objectOf<TraceStep>(
    {
      parent: {
        ...COUNT,
        description: 'the place in the list of the step before it; branches of a flood share theirs',
      },
      device: text('its name'),
      id: ID,
      kind: word('bridge', 'router', 'port'),
      by: text('the object that decided there, where that was another'),
      end: objectOf<NonNullable<TraceStep['end']>>(
        { kind: word('emit', 'consumed', 'drop', 'suspend'), reason: REASONS },
        { reason: true },
      ),
    },
    { parent: true, id: true, by: true, end: true },
  ),
);

const FLOW_PROPERTIES: Readonly<Record<keyof TraceFlow, JsonSchema>> = {
  key: list(FIELD),
  match: list(FIELD),
  actions: list(text()),
  tags: list(text('a fact it rests on')),
  lifetimeSeconds: { type: 'number', minimum: 0 },
  mtu: PLACE,
  state: word('installed', 'exists', 'would-install', 'not-installed'),
  because: text(),
  path: WAY,
};

const TRACE = objectOf<PacketTrace>(
  {
    version: VERSION,
    packet: { ...COUNT, description: '0 in a what-if' },
    at: SECONDS,
    origin: ORIGIN,
    port: text(),
    summary: text(),
    frame: OCTETS,
    wireLength: COUNT,
    hit: { ...BOOLEAN, description: 'a flow answered: there are no hops' },
    suspended: list(
      objectOf<SuspendedRun>({ for: word('device', 'next-hop'), need: text(), at: SECONDS, hops: list(HOP) }, {}),
    ),
    hops: list(HOP),
    way: WAY,
    disposition: objectOf<Disposition>(
      { kind: word('forwarded', 'consumed', 'dropped', 'gave-up'), reason: REASONS },
      { reason: true },
    ),
    outputs: list(
      objectOf<TraceOutput>(
        {
          port: text(),
          rewrites: list(text()),
          summary: text(),
          frame: OCTETS,
          fragment: { ...PLACE, description: 'which fragment of the packet it is' },
        },
        { fragment: true },
      ),
    ),
    flow: objectOf<TraceFlow>(FLOW_PROPERTIES, { mtu: true, because: true }),
    generated: list(
      objectOf<TraceGenerated>(
        { packet: PLACE, cause: text(), egress: text(), summary: text(), frame: OCTETS },
        { packet: true },
      ),
    ),
  },
  { flow: true },
);

const FLOW = objectOf<FlowRecord>(
  { number: PLACE, packets: COUNT, octets: COUNT, ...FLOW_PROPERTIES },
  { mtu: true, because: true },
);

const CHANGE = objectOf<ChangeTrace>(
  {
    version: VERSION,
    change: PLACE,
    device: text('what was made anew, or whose table changed'),
    effect: word('reconfigured', 'deleted', 'entry'),
    causes: list(
      objectOf<ChangeCause>(
        {
          what: text(),
          by: text('the handle that wrote it, where that is known'),
          owner: text(
            'whose it is, where that is known: the host that publishes a state key, the handle that learned an entry',
          ),
          was: text('the value before, of a state key or an entry of a table'),
          is: text('the value now, of a state key or an entry of a table'),
        },
        { by: true, owner: true, was: true, is: true },
      ),
    ),
    steps: list(
      objectOf<ChangeStep>(
        {
          step: word('written', 'heard', 'read', 'told', 'removed'),
          at: SECONDS,
          clock: { type: 'number', minimum: 0, description: 'milliseconds of the epoch, with --timings' },
        },
        { at: true, clock: true },
      ),
    ),
    facts: list(objectOf<ChangeTrace['facts'][number]>({ fact: text('a fact that fell'), flows: PLACE }, {})),
    flows: list(objectOf<RemovedFlow>({ match: list(FIELD), path: WAY }, {})),
  },
  {},
);

const ENDED = list(
  objectOf<EndCount>(
    { kind: word(...Object.keys(DISPOSITION_KINDS)), reason: REASONS, frames: COUNT },
    { reason: true },
  ),
);

const ACCOUNTING = objectOf<AccountingReport>(
  {
    inputs: list(objectOf<InputCount>({ name: text(), frames: COUNT, byElse: COUNT, ended: ENDED, copies: COUNT }, {})),
    generated: objectOf<GeneratedCount>({ frames: COUNT, ended: ENDED, copies: COUNT }, {}),
    outputs: list(objectOf<OutputCount>({ port: text(), frames: COUNT, octets: COUNT }, {})),
    lost: list(objectOf<LostCount>({ port: text(), reason: REASONS, frames: PLACE }, {})),
    limited: list(objectOf<LimitedCount>({ cause: text(), packets: COUNT }, {})),
    sums: list(
      objectOf<Sum>(
        {
          name: text(),
          counted: COUNT,
          parts: list(objectOf<Sum['parts'][number]>({ name: text(), frames: COUNT }, {})),
          holds: BOOLEAN,
        },
        {},
      ),
    ),
  },
  {},
);

const RUN = objectOf<RunReport>(
  {
    version: VERSION,
    complete: { ...BOOLEAN, description: 'false when anything is missing from the outputs' },
    problems: list(text()),
    seed: text(),
    duration: SECONDS,
    accounting: ACCOUNTING,
    flows: objectOf<RunReport['flows']>({ installed: COUNT, hits: COUNT, simulations: COUNT }, {}),
    files: list(text()),
  },
  {},
);

/** The last line of `traces.ndjson`. A file without it was cut down. */
const TRACES_END: JsonSchema = {
  type: 'object',
  required: ['version', 'end', 'complete', 'traces'],
  properties: { version: VERSION, end: BOOLEAN, complete: BOOLEAN, traces: COUNT },
};

const FLOWS: JsonSchema = {
  type: 'object',
  required: ['version', 'flows', 'complete'],
  properties: { version: VERSION, flows: list(FLOW), complete: BOOLEAN },
};

/** The published schemas of what a run leaves behind, under the names of their files in `docs/schema`. */
export const OUTPUT_SCHEMAS: ReadonlyMap<string, JsonSchema> = new Map([
  ['trace', titled('The story of a packet: a line of traces.ndjson, and `-o json`', TRACE)],
  ['traces-end', titled('The last line of traces.ndjson', TRACES_END)],
  ['flows', titled('flows.json', FLOWS)],
  [
    'change',
    titled('The way of a change of the network to the flows that it removed: a line of changes.ndjson', CHANGE),
  ],
  ['run', titled('run.json', RUN)],
]);
