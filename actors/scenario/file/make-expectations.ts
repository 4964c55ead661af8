import { didYouMean } from '../../../topology/file/did-you-mean.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { compareInstants, type Instant } from '../../../topology/model/time.ts';
import { plural } from '../expectations/counts.ts';
import { FLOW_FIELDS, FRAME_FIELDS, LAYERS } from '../expectations/field-names.ts';
import { GAP } from '../expectations/ways.ts';
import type {
  CountRange,
  DropExpectation,
  Expectations,
  FilePath,
  FlowExpectation,
  FrameExpectation,
  PathExpectation,
} from '../scenario.ts';
import { durationOf } from '../duration.ts';
import type { ExpectSpec, FrameSpec } from './expect-schema.ts';
import { actionsOf } from './expected-actions.ts';
import { flowMatchOf, matchOf, unknownField } from './expected-fields.ts';
import type { ScenarioDraft } from './scenario-draft.ts';
import type { ScenarioFile } from './scenario-schema.ts';

const OPTIONS = new Set(['count', 'within', 'bytes', 'exact', 'ignore', 'never', 'allow_other']);
const ONCE: CountRange = { least: 1, most: 1 };
const NEVER: CountRange = { least: 0, most: 0 };

/** What a scenario expects; undefined when it expects nothing. */
export function makeExpectations(draft: ScenarioDraft, { expect }: ScenarioFile): Expectations | undefined {
  if (expect === undefined || expect === null) return undefined;
  const allowOtherAt = new Map<Uuid, boolean>();
  const portNames = new Map<Uuid, string>();
  return {
    frames: framesOf(draft, expect, allowOtherAt, portNames),
    allowOther: expect.allow_other ?? expect.frames === undefined,
    allowOtherAt,
    portNames,
    drops: dropsOf(draft, expect),
    flows: flowsOf(draft, expect),
    paths: pathsOf(draft, expect),
  };
}

function framesOf(
  draft: ScenarioDraft,
  { frames }: ExpectSpec,
  allowOtherAt: Map<Uuid, boolean>,
  portNames: Map<Uuid, string>,
): readonly FrameExpectation[] {
  const all: FrameExpectation[] = [];
  for (const [name, specs] of Object.entries(frames ?? {})) {
    const path = ['expect', 'frames', name];
    const port = draft.exteriorPort(name, draft.keyAt(path), 'frames leave by exterior ports');
    if (port !== undefined) portNames.set(port, name);
    for (const [index, spec] of (specs ?? []).entries()) {
      const place = [...path, index];
      const frame = frameOf(draft, spec, place);
      if (port === undefined) continue;
      if (frame === undefined) allowOtherAt.set(port, spec.allow_other === true);
      else all.push({ ...frame, port });
    }
  }
  return all;
}

/** Undefined: not a frame, but a word about all others at the port. */
function frameOf(draft: ScenarioDraft, spec: FrameSpec, path: FilePath): Omit<FrameExpectation, 'port'> | undefined {
  const { count, within, bytes, exact = false, ignore = [], never, allow_other: allowOther } = spec;
  const fields = Object.fromEntries(Object.entries(spec).filter(([key]) => !OPTIONS.has(key)));
  const named = Object.keys(fields).length;
  if (allowOther !== undefined) {
    if (Object.keys(spec).length === 1) return undefined;
    const what = '"allow_other" stands beside what it is not about';
    draft.error(draft.keyAt([...path, 'allow_other']), { code: 'not-alone', what, expected: 'an entry of its own' });
  }
  if (never !== undefined && (named > 0 || count !== undefined || bytes !== undefined)) {
    const what = '"never" stands beside other things expected';
    draft.error(draft.keyAt([...path, 'never']), { code: 'not-alone', what, expected: 'the fields within "never"' });
  }
  if (never === undefined && named === 0 && bytes === undefined) {
    const what = 'the entry says not which frames';
    draft.error(draft.at(path), { code: 'no-fields', what, expected: 'fields, "bytes" or "never"' });
  }
  const known = [...FRAME_FIELDS, ...OPTIONS];
  const match =
    never === undefined
      ? matchOf(draft, fields, path, FRAME_FIELDS, known)
      : matchOf(draft, never, [...path, 'never'], FRAME_FIELDS);
  for (const [index, field] of ignore.entries()) {
    if (FRAME_FIELDS.has(field) || LAYERS.has(field)) continue;
    unknownField(draft, field, draft.at([...path, 'ignore', index]), [...FRAME_FIELDS, ...LAYERS]);
  }
  if (ignore.length > 0 && !exact) {
    const what = '"ignore" has no effect without "exact: true": fields that are not named do not count anyway';
    draft.warning(draft.keyAt([...path, 'ignore']), { code: 'ignore-without-effect', what });
  }
  return {
    ...placed(draft, path),
    match,
    bytes: bytes === undefined ? undefined : octetsOf(draft, bytes, [...path, 'bytes']),
    exact,
    ignore,
    count: never === undefined ? countOf(draft, count, [...path, 'count']) : NEVER,
    isNever: never !== undefined,
    within: within === undefined ? undefined : windowOf(draft, within, [...path, 'within']),
  };
}

function placed(draft: ScenarioDraft, place: FilePath): Pick<FrameExpectation, 'where' | 'place'> {
  return { where: draft.whereOf(place), place };
}

function octetsOf(draft: ScenarioDraft, text: string, path: FilePath): Uint8Array | undefined {
  const digits = text.replaceAll(/[\s:]/g, '');
  if (digits.length % 2 === 0) return Uint8Array.from(Buffer.from(digits, 'hex'));
  const what = `"bytes" has ${digits.length} hexadecimal ${plural('digit', digits.length)}`;
  draft.error(draft.at(path), { code: 'half-octet', what, expected: 'two for each octet' });
  return undefined;
}

function windowOf(
  draft: ScenarioDraft,
  within: readonly (number | string)[],
  path: FilePath,
): readonly [Instant, Instant] {
  const [from, to] = [durationOf(within[0] ?? 0), durationOf(within[1] ?? 0)];
  if (compareInstants(from, to) > 0) {
    draft.error(draft.at(path), {
      code: 'empty-window',
      what: '"within" ends before it begins',
      expected: '[from, to]',
    });
  }
  return [from, to];
}

function countOf(draft: ScenarioDraft, count: number | string | undefined, path: FilePath): CountRange {
  if (count === undefined) return ONCE;
  const [, least = '', rest = ''] = /^(\d+)(.*)$/.exec(String(count)) ?? [];
  const from = Number(least);
  if (rest === '') return { least: from, most: from };
  const most = rest === '+' ? Infinity : Number(rest.slice(2));
  if (most < from) {
    const what = `"${count}" ends before it begins`;
    draft.error(draft.at(path), { code: 'empty-range', what, expected: `such as ${most}..${from}` });
  }
  return { least: from, most };
}

function dropsOf(draft: ScenarioDraft, { drops }: ExpectSpec): readonly DropExpectation[] {
  return (drops ?? []).map(({ reason, match = {}, count, port }, index) => {
    const path = ['expect', 'drops', index];
    return {
      ...placed(draft, path),
      reason,
      match: matchOf(draft, match, [...path, 'match'], FRAME_FIELDS),
      count: countOf(draft, count, [...path, 'count']),
      port: port === undefined ? undefined : draft.exteriorPort(port, draft.at([...path, 'port'])),
    };
  });
}

function flowsOf(draft: ScenarioDraft, { flows }: ExpectSpec): readonly FlowExpectation[] {
  return (flows ?? []).map(({ match = {}, mask, actions, count }, index) => {
    const path = ['expect', 'flows', index];
    for (const [at, field] of (mask ?? []).entries()) {
      if (!FLOW_FIELDS.has(field)) unknownField(draft, field, draft.at([...path, 'mask', at]), FLOW_FIELDS);
    }
    return {
      ...placed(draft, path),
      match: flowMatchOf(draft, match, [...path, 'match']),
      mask,
      actions: actions && actionsOf(draft, actions, [...path, 'actions']),
      count: countOf(draft, count, [...path, 'count']),
    };
  });
}

function pathsOf(draft: ScenarioDraft, { paths }: ExpectSpec): readonly PathExpectation[] {
  return (paths ?? []).map(({ match, path: devices }, index) => {
    const path = ['expect', 'paths', index];
    const named = devices.map((name, at) => (name === GAP ? GAP : deviceName(draft, name, [...path, 'path', at])));
    return {
      ...placed(draft, path),
      match: matchOf(draft, match, [...path, 'match'], FRAME_FIELDS),
      path: named,
    };
  });
}

/** The full name of a device or port; a device goes before a port of its name. */
function deviceName(draft: ScenarioDraft, name: string, path: FilePath): string {
  const { devices } = draft.topology.names;
  if (devices.has(name)) return name;
  const isPort = name.includes(':') || didYouMean(name, devices.keys()) === undefined;
  if (!isPort && ![...draft.topology.names.ports.keys()].some((port) => port.endsWith(`:${name}`))) {
    draft.named('bridge, router or port', name, devices, draft.at(path));
    return name;
  }
  const id = draft.port(name, draft.at(path));
  return id === undefined ? name : draft.nameOf(id);
}
