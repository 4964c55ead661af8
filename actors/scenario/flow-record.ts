import type { FlowView } from '../../datapath/flow-table/flow.ts';
import { LIFETIME_MILLIS } from '../../datapath/flow-table/flow.ts';
import type { FlowActions } from '../../datapath/flow-actions.ts';
import type { FlowRecord } from '../../datapath/trace/run-output.ts';
import { IN_PORT } from '../../simulation/packet/flow-key.ts';
import type { Directory } from '../directory.ts';
import { formatActions, formatPath, valuesOf } from '../trace-builder.ts';

/** A flow of the table with names for numbers. @param number its place in the order of insertion, from 1 */
export function flowRecordOf(view: FlowView<FlowActions>, number: number, directory: Directory): FlowRecord {
  const match = valuesOf(view.fields | IN_PORT, view.match, directory);
  return {
    number,
    key: match,
    match,
    actions: formatActions(view.actions, view.match, directory),
    tags: [],
    lifetimeSeconds: LIFETIME_MILLIS[view.lifetime] / 1000,
    mtu: view.mtu === Infinity ? undefined : view.mtu,
    state: 'installed',
    because: undefined,
    path: formatPath(view.path, directory),
    packets: view.packets,
    octets: view.bytes,
  };
}
