import { didYouMean } from '../../../topology/file/did-you-mean.ts';
import { parseIpv4, parseIpv4Prefix } from '../../../topology/model/ipv4.ts';
import { parseIpv6 } from '../../../topology/model/ipv6.ts';
import { parseMac } from '../../../topology/model/mac.ts';
import { FLOW_FIELDS, kindOfField } from '../expectations/field-names.ts';
import { ANY, flagsOf, isNumber } from '../expectations/field-values.ts';
import type { FieldMatch, FilePath } from '../scenario.ts';
import type { ScenarioDraft } from './scenario-draft.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * Fields of frames with the values that are expected.
 *
 * @param known what is offered instead of a field that there is not
 */
export function matchOf(
  draft: ScenarioDraft,
  values: Values,
  path: FilePath,
  fields: ReadonlySet<string>,
  known: Iterable<string> = fields,
): FieldMatch {
  const match = new Map<string, string>();
  for (const [field, value] of Object.entries(values)) {
    const text = textOf(value);
    if (fields.has(field)) checkValue(draft, field, text, draft.at([...path, field]));
    else unknownField(draft, field, draft.keyAt([...path, field]), known);
    match.set(field, text);
  }
  return match;
}

/** Fields of flows with the values that are expected; `in_port` by its full name. */
export function flowMatchOf(draft: ScenarioDraft, values: Values, path: FilePath): FieldMatch {
  const match = new Map<string, string>();
  for (const [field, value] of Object.entries(values)) {
    if (!FLOW_FIELDS.has(field)) unknownField(draft, field, draft.keyAt([...path, field]), FLOW_FIELDS);
    const text = textOf(value);
    if (field !== 'in_port') match.set(field, text);
    else {
      const id = draft.port(text, draft.at([...path, field]));
      match.set(field, id === undefined ? text : draft.nameOf(id));
    }
  }
  return match;
}

function textOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value);
}

/** Tells a field that there is not. */
export function unknownField(
  draft: ScenarioDraft,
  field: string,
  at: number | undefined,
  known: Iterable<string>,
): void {
  const guess = didYouMean(field, known);
  draft.error(at, { code: 'unknown-field', what: `no field is called "${field}"`, didYouMean: guess });
}

function checkValue(draft: ScenarioDraft, field: string, text: string, at: number | undefined): void {
  const expected = wantedOf(field, text);
  if (expected !== undefined) draft.error(at, { code: 'wrong-value', what: `"${field}" is never "${text}"`, expected });
}

/** What the value should have been; undefined when it is fine. */
function wantedOf(field: string, text: string): string | undefined {
  if (text === ANY) return undefined;
  switch (kindOfField(field)) {
    case 'ipv4':
      if (parseIpv4(text) !== undefined || parseIpv4Prefix(text) !== undefined) return undefined;
      return 'an IPv4 address or prefix';
    case 'ipv6':
      return parseIpv6(text) === undefined ? 'an IPv6 address' : undefined;
    case 'mac':
      return parseMac(text) === undefined ? 'a MAC address' : undefined;
    case 'number':
      if (isNumber(text)) return undefined;
      if (field !== 'tcp.flags') return 'a number';
      return flagsOf(text) === undefined ? 'a number, or letters such as S or SA' : undefined;
  }
}
