import type { FlowActions } from '../../datapath/flow-actions.ts';
import type { FlowTable } from '../../datapath/flow-table/flow-table.ts';
import type { FlowView } from '../../datapath/flow-table/flow.ts';
import type { Rewrite } from '../../simulation/packet/rewrite.ts';
import type { Directory } from '../directory.ts';
import { formatActions, valuesOf } from '../trace-flow.ts';
import { traceWay } from '../trace-way.ts';

/** The flow table in lines: its flows with their counters, how often lookups asked which mask, and which facts are watched. */
export function* dumpFlows(flows: FlowTable<FlowActions>, directory: Directory): Generator<string, void> {
  yield `facts that fell: ${flows.beginSimulation()}`;
  for (const flow of flows.flows()) yield dumpFlow(flow, directory);
  for (const mask of flows.order()) yield `mask ${JSON.stringify(mask)}`;
  for (const [tag, listeners] of flows.watched()) {
    yield `fact ${tag} carried by ${flows.carriersOf(tag)} flows, watched by ${listeners}`;
  }
}

function dumpFlow(flow: FlowView<FlowActions>, directory: Directory): string {
  const { index, match, fields, actions, tags, path, lifetime, expiry, mtu, packets, bytes } = flow;
  const values = valuesOf(fields, match, directory).map(({ field, value }) => `${field}=${value}`);
  const rewrites = actions.outputs.map(({ rewrite }) => octetsOf(rewrite));
  return [
    `flow ${index}`,
    ...values,
    `key ${[...match].join(' ')}`,
    ...formatActions(actions, match, directory),
    ...rewrites,
    actions.outcome.kind,
    `mtu ${mtu}`,
    `${lifetime} until ${expiry}`,
    `${packets} packets of ${bytes} octets`,
    `way ${JSON.stringify(traceWay(path, directory))}`,
    `rests on ${tags.join(' ')}`,
  ].join(', ');
}

function octetsOf(rewrite: Rewrite | undefined): string {
  return rewrite === undefined ? 'as it came' : `writes ${rewrite.fields}: ${Array.from(rewrite.words).join(' ')}`;
}
