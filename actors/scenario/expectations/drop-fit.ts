import type { Outcome } from '../../../simulation/outcome.ts';
import type { DropReason } from '../../../simulation/verdict.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import type { DropExpectation } from '../scenario.ts';
import { ANY } from './field-values.ts';
import { compareFields, type FieldComparison, type SeenFrame } from './frame-fit.ts';

/** What became of a packet. */
export interface PacketEnd {
  readonly outcome: Outcome;
  /** Why copies of it reached nobody; of one that had no other that is the outcome, too. */
  readonly lost: ReadonlySet<DropReason>;
}

/** Whether a packet that came in by the port was dropped, or given up, for the reason that is expected; whatever its fields. */
export function isDroppedSo(
  expectation: Pick<DropExpectation, 'reason' | 'port'>,
  port: Uuid,
  outcome: Outcome,
): boolean {
  return isDropped(outcome) && expectation.reason === outcome.reason && (expectation.port ?? port) === port;
}

/** Whether a packet counts as a drop: given up for want of what did not come, too. */
export function isDropped({ kind }: Outcome): boolean {
  return kind === 'dropped' || kind === 'gave-up';
}

/** Field by field: those expected, then the port by which it came in, and why it was dropped. */
export function compareDrop(
  { match, port, reason }: DropExpectation,
  frame: SeenFrame,
  { outcome, lost }: PacketEnd,
  nameOf: (port: Uuid) => string,
): readonly FieldComparison[] {
  const isReason = isDroppedSo({ reason, port: undefined }, frame.port, outcome);
  return [
    ...compareFields(match, frame.fields),
    {
      field: 'port',
      expected: port === undefined ? ANY : nameOf(port),
      received: nameOf(frame.port),
      isEqual: (port ?? frame.port) === frame.port,
    },
    { field: 'reason', expected: reason, received: isReason ? reason : withLost(outcome, lost), isEqual: isReason },
  ];
}

/** `forwarded, but for copies lost: agent-dead`. */
function withLost(outcome: Outcome, lost: ReadonlySet<DropReason>): string {
  const isWhole = outcome.kind !== 'forwarded' || lost.size === 0;
  return isWhole ? endOf(outcome) : `${endOf(outcome)}, but for copies lost: ${[...lost].join(', ')}`;
}

/** How a packet ended, in a word or two: `ttl-expired` when it was dropped; `forwarded`, `consumed: arp-answered`. */
export function endOf({ kind, reason }: Outcome): string {
  if (kind === 'forwarded') return kind;
  return kind === 'consumed' ? `${kind}: ${reason}` : reason;
}
