import type { FlowActions } from '../../datapath/flow-actions.ts';
import type { FlowView } from '../../datapath/flow-table/flow.ts';
import type { FlowRecord } from '../../datapath/trace/run-output.ts';
import type { Agent } from '../agent.ts';
import { formatFlow } from '../trace-flow.ts';

/** A flow at the end of a run. @param number its place in the order of insertion, from 1 */
export function flowRecordOf(view: FlowView<FlowActions>, number: number, agent: Agent): FlowRecord {
  const flow = formatFlow(view, view.match, agent.directory);
  return {
    number,
    ...flow,
    key: flow.match,
    tags: agent.factsOf(view),
    state: 'installed',
    packets: view.packets,
    octets: view.bytes,
  };
}
