import type { FlowActions } from '../datapath/flow-actions.ts';
import { LIFETIME_MILLIS, type FlowView } from '../datapath/flow-table/flow.ts';
import type { FieldValue, TraceFlow, TraceStep } from '../datapath/trace/packet-trace.ts';
import { shortestClassOf } from '../simulation/outcome.ts';
import { formatField, formatRewrite, nameOfField } from '../simulation/packet/format-field.ts';
import { IN_PORT, type Fields } from '../simulation/packet/fields.ts';
import { SPANS, WORD } from '../simulation/packet/key-layout.ts';
import { formatTunnel } from '../simulation/tunnel.ts';
import type { Directory } from './directory.ts';
import type { FlowFate, Run } from './journey.ts';
import { traceWay } from './trace-way.ts';

/** A flow of the table with names for numbers, as a packet of that key meets it: with the provenance it was installed with. */
export function formatFlow(view: FlowView<FlowActions>, words: Uint32Array, directory: Directory): TraceFlow {
  return {
    key: valuesOf(words[WORD.present] ?? 0, words, directory),
    match: valuesOf(view.fields | IN_PORT, words, directory),
    actions: formatActions(view.actions, words, directory),
    tags: [],
    lifetimeSeconds: LIFETIME_MILLIS[view.lifetime] / 1000,
    mtu: view.mtu === Infinity ? undefined : view.mtu,
    state: 'exists',
    because: undefined,
    path: traceWay(view.path, directory),
  };
}

/** What the end of a simulation says of the flow that came of it, or that did not. */
interface FlowEnd {
  readonly actions: FlowActions;
  readonly fate: FlowFate;
  /** The facts it rests on, in words. */
  readonly tags: readonly string[];
  readonly path: readonly TraceStep[];
}

/** The flow of a simulation with names for numbers, whether it was installed or not. */
export function flowOfRun(run: Run, { actions, fate, tags, path }: FlowEnd, directory: Directory): TraceFlow {
  const shortest = actions.outcome.kind === 'gave-up' ? 'error' : shortestClassOf(run.ended);
  const mtu = Math.min(...actions.outputs.map((output) => output.mtu), Infinity);
  return {
    key: valuesOf(run.origin[WORD.present] ?? 0, run.origin, directory),
    match: valuesOf(run.seen | IN_PORT, run.origin, directory),
    actions: formatActions(actions, run.origin, directory),
    tags,
    lifetimeSeconds: LIFETIME_MILLIS[shortest === 'permanent' ? 'normal' : shortest] / 1000,
    mtu: mtu === Infinity ? undefined : mtu,
    state: fate === 'installed' || fate === 'exists' || fate === 'would-install' ? fate : 'not-installed',
    because: whyNot(run, fate),
    path,
  };
}

function whyNot(run: Run, fate: FlowFate): string | undefined {
  switch (fate) {
    case 'installed':
    case 'exists':
    case 'would-install':
      return undefined;
    case 'stale-tag':
      return 'a fact it rests on changed meanwhile';
    case 'full':
      return 'the flow table is full';
    case 'unkeyed':
      return 'it rests on what is not in the key';
    case 'not-installed':
      if (run.need !== undefined) return 'it waits';
      if (run.isGenerated) return 'no flow comes of a packet that a device made';
      return 'each such packet is simulated';
  }
}

/** What a flow does, in order: the rewrites of each copy before its output. */
export function formatActions(actions: FlowActions, words: Uint32Array, directory: Directory): string[] {
  const { outcome } = actions;
  if (actions.outputs.length === 0) return [outcome.reason === undefined ? 'drop' : `drop(${outcome.reason})`];
  return actions.outputs.flatMap(({ port, rewrite, tunnel }) => [
    ...(rewrite === undefined ? [] : formatRewrite(rewrite, words).map((one) => `set(${one})`)),
    ...(tunnel === undefined ? [] : [`set(${formatTunnel(tunnel)})`]),
    `output(${directory.nameOf(port)})`,
  ]);
}

/**
 * Fields of a key with their values; `absent` for one that the packet has not.
 *
 * @param directory knows the port by which the packet came in
 */
export function valuesOf(fields: Fields, words: Uint32Array, directory: Pick<Directory, 'nameOf'>): FieldValue[] {
  const present = words[WORD.present] ?? 0;
  const values: FieldValue[] = [];
  for (const { bit } of SPANS) {
    if ((fields & bit) === 0) continue;
    const text = bit === IN_PORT ? directory.nameOf(words[WORD.inPort] ?? 0) : formatField(bit, words);
    values.push({ field: nameOfField(bit, words), value: (present & bit) === 0 ? 'absent' : text });
  }
  return values;
}
