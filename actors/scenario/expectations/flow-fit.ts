import type { FieldValue, TraceFlow } from '../../../datapath/trace/packet-trace.ts';
import { SPANS } from '../../../simulation/packet/key-layout.ts';
import { frameOf } from '../../frame-of.ts';
import { valuesOf } from '../../trace-flow.ts';
import type { FieldMatch, FlowExpectation } from '../scenario.ts';
import { fitsValue } from './field-values.ts';
import type { FieldComparison, SeenFrame } from './frame-fit.ts';
import { PORT_WEIGHT, weightOf } from './nearness.ts';

/** The port by which packets come in, as flows name it. */
const IN_PORT = 'in_port';
/** What is expected of a field that a mask names, whatever its value. */
const MATCHED_ON = 'matched on';
const ACTIONS = 'actions';

/** The packet has the value that is expected, but the flow does not ask for it: nearly as near as one that does. */
const UNASKED_WEIGHT = 0.995;
/** A packet that has the value. What became of it, if only a flow of its own, is nearer. */
const CARRIED_WEIGHT = 0.99;
const MASK_WEIGHT = 0.05;
/** Each exact field too many: enough to choose between flows that are alike in all else. */
const SURPLUS_WEIGHT = 0.0001;

const EVERY_FIELD = SPANS.reduce((fields, { bit }) => fields | bit, 0);

/**
 * Field by field: those expected to match, in their order; those that the mask names besides; those that it does not name and the flow
 * matches on; the actions. What a flow does not match on is undefined. All are equal when the flow is one that is expected.
 */
export function compareFlow(
  { match, mask, actions }: Pick<FlowExpectation, 'match' | 'mask' | 'actions'>,
  flow: Pick<TraceFlow, 'match' | 'actions'>,
): readonly FieldComparison[] {
  const compared = compareValues(match, flow.match);
  if (mask !== undefined) compared.push(...compareMask(mask, match, flow.match));
  if (actions !== undefined) {
    const [expected, received] = [actions.join(', '), flow.actions.join(', ')];
    compared.push({ field: ACTIONS, expected, received, isEqual: expected === received });
  }
  return compared;
}

/** The fields that a flow is expected to match on against those that it has, or that a packet has. */
export function compareValues(match: FieldMatch, values: readonly FieldValue[]): FieldComparison[] {
  return [...match].map(([field, expected]) => {
    const received = valueIn(values, field);
    return { field, expected, received, isEqual: received !== undefined && fitsValue(field, expected, received) };
  });
}

/** The values that a packet has for flows to match on. @param port the name of the port it came in by */
export function valuesIn({ bytes, wireLength }: SeenFrame, port: string): readonly FieldValue[] {
  return valuesOf(EVERY_FIELD, frameOf(bytes, wireLength).words, { nameOf: () => port });
}

/**
 * How near a flow is to one that is expected, by the number of equal fields; {@link PORT_WEIGHT} for the input port.
 *
 * @param key the packet that made it
 */
export function scoreOfFlow(
  { match, actions = [] }: FlowExpectation,
  flow: Pick<TraceFlow, 'key' | 'actions'>,
  compared: readonly FieldComparison[],
): number {
  let score = 0;
  for (const comparison of compared) {
    const { field, expected, received, isEqual } = comparison;
    if (field === ACTIONS) score += isEqual ? 1 : likeness(actions, flow.actions) / 2;
    else if (expected === undefined) score -= SURPLUS_WEIGHT;
    else if (!match.has(field)) score += isEqual ? MASK_WEIGHT : 0;
    else if (field === IN_PORT) score += isEqual ? PORT_WEIGHT : 0;
    else if (received === undefined && isIn(flow.key, field, expected)) score += UNASKED_WEIGHT;
    else score += weightOf(comparison);
  }
  return score;
}

/** How near a packet is to one that would make an expected flow. */
export function scoreOfMaker(compared: readonly FieldComparison[]): number {
  let score = 0;
  for (const comparison of compared) {
    if (comparison.field === IN_PORT) score += comparison.isEqual ? PORT_WEIGHT * CARRIED_WEIGHT : 0;
    else score += comparison.isEqual ? CARRIED_WEIGHT : weightOf(comparison);
  }
  return score;
}

/** What scores no more is not near: the port, unless it is all that is named. Where no value is named, any flow is. */
export function floorOf({ match, actions }: FlowExpectation): number {
  if (match.size === 0 && actions === undefined) return -1;
  const isAlone = match.size === 1 && actions === undefined;
  return match.has(IN_PORT) && !isAlone ? PORT_WEIGHT : 0;
}

function compareMask(
  mask: readonly string[],
  match: FieldMatch,
  values: readonly FieldValue[],
): readonly FieldComparison[] {
  const named = mask
    .filter((field) => !match.has(field))
    .map((field) => {
      const received = valueIn(values, field);
      return { field, expected: MATCHED_ON, received, isEqual: received !== undefined };
    });
  const others = values
    .filter(({ field }) => !mask.includes(field))
    .map(({ field, value }) => ({ field, expected: undefined, received: value, isEqual: false }));
  return [...named, ...others];
}

function valueIn(values: readonly FieldValue[], field: string): string | undefined {
  return values.find((each) => each.field === field)?.value;
}

function isIn(values: readonly FieldValue[], field: string, expected: string): boolean {
  const value = valueIn(values, field);
  return value !== undefined && fitsValue(field, expected, value);
}

/** How many actions two lists have in common, from 0 to 1. */
function likeness(expected: readonly string[], received: readonly string[]): number {
  const common = expected.filter((action) => received.includes(action)).length;
  return common / Math.max(1, expected.length, received.length);
}
