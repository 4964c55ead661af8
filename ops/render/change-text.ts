import type { ChangeCause, ChangeStep, ChangeTrace } from '../../datapath/trace/change-trace.ts';
import type { Look } from './look.ts';

const EFFECTS: Readonly<Record<ChangeTrace['effect'], string>> = {
  reconfigured: 'is made anew',
  deleted: 'is gone',
  entry: 'has another entry',
};

const STEPS: Readonly<Record<ChangeStep['step'], string>> = {
  written: 'written',
  heard: 'heard',
  read: 'device read',
  told: 'actors told',
  removed: 'flows removed',
};

/**
 * The way of a change, for people:
 *
 *     change 1 at 12.000000000: r is made anew
 *       because of Port r:uplink, written by agent
 *       because of active of Port r:downlink, of h1: nothing -> {"host":"..."}
 *       written, heard +0.9 ms, device read +0.1 ms, actors told +0.0 ms, flows removed +0.0 ms
 *       3 flows rested on PortTx(r:uplink)
 *
 * The line of times is there where times of the world were asked for.
 */
export function formatChange({ change, device, effect, causes, steps, facts }: ChangeTrace, { paint }: Look): string {
  const at = steps.find((step) => step.at !== undefined)?.at ?? '';
  const lines = [`${paint.strong(`change ${change}`)} at ${at}: ${device} ${EFFECTS[effect]}`];
  for (const cause of causes) lines.push(`because of ${formatCause(cause)}`);
  const times = timesOf(steps);
  if (times.length > 0) lines.push(paint.quiet(times.join(', ')));
  for (const { fact, flows } of facts) lines.push(`${flows} ${flows === 1 ? 'flow' : 'flows'} rested on ${fact}`);
  if (facts.length === 0) lines.push(paint.quiet('no flow rested on what changed'));
  return `${lines.join('\n  ')}\n`;
}

function formatCause({ what, by, owner, was, is }: ChangeCause): string {
  const whose = owner === undefined ? '' : `, of ${owner}`;
  const writer = by === undefined ? '' : `, written by ${by}`;
  const values = was === undefined && is === undefined ? '' : `: ${was ?? 'nothing'} -> ${is ?? 'nothing'}`;
  return `${what}${writer}${whose}${values}`;
}

/** Each step with the time since the one before. */
function timesOf(steps: readonly ChangeStep[]): readonly string[] {
  let before: number | undefined;
  const times: string[] = [];
  for (const { step, clock } of steps) {
    if (clock === undefined) continue;
    times.push(before === undefined ? STEPS[step] : `${STEPS[step]} +${(clock - before).toFixed(1)} ms`);
    before = clock;
  }
  return times;
}
