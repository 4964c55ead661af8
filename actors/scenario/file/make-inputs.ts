import { dirname, isAbsolute, join } from 'node:path';
import type { Complaint } from '../../../topology/file/file-problem.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import {
  formatIpv4Prefix,
  type Ipv4Prefix,
  parseIpv4,
  parseIpv4Prefix,
  prefixOf,
} from '../../../topology/model/ipv4.ts';
import { parseMac } from '../../../topology/model/mac.ts';
import { EPOCH } from '../../../topology/model/time.ts';
import { type FrameFilter, parseFrameFilter } from '../frame-filter.ts';
import type { FilePath, Input, Selector } from '../scenario.ts';
import { durationOf } from '../duration.ts';
import type { ScenarioDraft } from './scenario-draft.ts';
import type { InputSpec, ScenarioFile, SelectorSpec } from './scenario-schema.ts';

/** Where a file lies that another one names. */
export function besides(path: string, named: string): string {
  return isAbsolute(named) ? named : join(dirname(path), named);
}

/**
 * The inputs of a scenario.
 *
 * @param path of the scenario file: captures lie relative to it
 * @param refused why a capture cannot be played; undefined when it can
 */
export async function makeInputs(
  draft: ScenarioDraft,
  file: ScenarioFile,
  path: string,
  refused: (path: string) => Promise<Complaint | undefined>,
): Promise<readonly Input[]> {
  const inputs = (file.inputs ?? []).map((spec, index) => inputOf(draft, spec, ['inputs', index], path));
  const names = new Map<string, number>();
  await Promise.all(
    inputs.map(async ({ path: capture }, index) => {
      const complaint = await refused(capture);
      if (complaint === undefined) return;
      const what = `${file.inputs?.[index]?.capture ?? capture}: ${complaint.what}`;
      draft.error(draft.at(['inputs', index, 'capture']), { ...complaint, what });
    }),
  );
  return inputs.map((input) => {
    const count = (names.get(input.name) ?? 0) + 1;
    names.set(input.name, count);
    return count === 1 ? input : { ...input, name: `${input.name} #${count}` };
  });
}

function inputOf(draft: ScenarioDraft, spec: InputSpec, path: FilePath, scenario: string): Input {
  const { capture, name = capture, l2 = 'keep', time = {} } = spec;
  const { align = 'start', offset, speed = 1 } = time;
  const common = { name, path: besides(scenario, capture), l2, align, speed } as const;
  const selectors = selectorsOf(draft, spec, path);
  const isAll = typeof spec.into === 'string';
  const otherwise =
    isAll || spec.else === undefined || spec.else === 'drop'
      ? undefined
      : draft.exteriorPort(spec.else, draft.at([...path, 'else']));
  if (isAll && spec.else !== undefined && spec.else !== 'drop') {
    const what = '"into" is one port, which takes every frame: none is left for "else"';
    draft.warning(draft.keyAt([...path, 'else']), { code: 'else-without-effect', what });
  }
  if (spec.into === undefined && spec.else === undefined) {
    const what = 'the input says not where to';
    draft.error(draft.at(path), { code: 'no-port', what, expected: '"into", or "else" for all of it' });
  }
  if (isShadowed(spec)) {
    const what = 'a selector without conditions takes every frame: none is left for those after it';
    draft.warning(draft.keyAt([...path, 'into']), { code: 'selector-without-effect', what });
  }
  return { ...common, selectors, otherwise, offset: offset === undefined ? EPOCH : durationOf(offset) };
}

/** Whether a selector without conditions stands before others. */
function isShadowed({ into }: InputSpec): boolean {
  if (into === undefined || typeof into === 'string') return false;
  const all = Object.values(into).flatMap((spec) => (isList(spec) ? spec : [spec ?? {}]));
  return all.slice(0, -1).some((spec) => Object.keys(spec).length === 0);
}

function selectorsOf(draft: ScenarioDraft, { into }: InputSpec, path: FilePath): readonly Selector[] {
  if (into === undefined) return [];
  if (typeof into === 'string') {
    const port = draft.exteriorPort(into, draft.at([...path, 'into']));
    return port === undefined ? [] : [selectorOf(draft, port, {}, path)];
  }
  return Object.entries(into).flatMap(([name, spec]) => {
    const place = [...path, 'into', name];
    const port = draft.exteriorPort(name, draft.keyAt(place));
    const several = isList(spec)
      ? spec.map((each, index) => [each, [...place, index]] as const)
      : [[spec ?? {}, place] as const];
    // Without a port the selectors are looked at all the same: their faults are told at once.
    const made = several.map(([each, at]) => selectorOf(draft, port, each, at));
    return made.flatMap((selector) => (selector.port === undefined ? [] : [{ ...selector, port: selector.port }]));
  });
}

function isList(spec: SelectorSpec | readonly SelectorSpec[] | null): spec is readonly SelectorSpec[] {
  return Array.isArray(spec);
}

function selectorOf<Port extends Uuid | undefined>(
  draft: ScenarioDraft,
  port: Port,
  spec: SelectorSpec,
  path: FilePath,
): Omit<Selector, 'port'> & { readonly port: Port } {
  const { interface: wanted, mac, address, filter } = spec;
  return {
    port,
    interface: wanted === undefined ? undefined : String(wanted),
    mac: mac === undefined ? undefined : parseMac(mac),
    address: address === undefined ? undefined : prefixFrom(draft, address, [...path, 'address']),
    filter: filter === undefined ? undefined : filterFrom(draft, filter, [...path, 'filter']),
  };
}

function prefixFrom(draft: ScenarioDraft, text: string, path: FilePath): Ipv4Prefix | undefined {
  const host = parseIpv4(text);
  const prefix = host === undefined ? parseIpv4Prefix(text) : prefixOf(host, 32);
  if (prefix !== undefined) return prefix;
  const [address = '', length = ''] = text.split('/');
  const parsed = parseIpv4(address);
  const guess =
    parsed !== undefined && Number(length) <= 32 ? formatIpv4Prefix(prefixOf(parsed, Number(length))) : undefined;
  const what = `"${text}" is no IPv4 address or prefix`;
  draft.error(draft.at(path), { code: 'wrong-text', what, expected: 'such as 10.0.0.0/8', didYouMean: guess });
  return undefined;
}

function filterFrom(draft: ScenarioDraft, text: string, path: FilePath): FrameFilter | undefined {
  const parsing = parseFrameFilter(text);
  if (parsing.ok) return parsing.filter;
  const { at, what, expected, didYouMean } = parsing.fault;
  const told = `the filter goes wrong at its character ${at + 1}: ${what}`;
  draft.error(draft.at(path), { code: 'bad-filter', what: told, expected, didYouMean });
  return undefined;
}
