import type { TraceStep } from '../datapath/trace/packet-trace.ts';
import { stepsOf } from '../simulation/path.ts';
import type { Directory } from './directory.ts';

/** A path with names for numbers. */
export function traceWay(path: readonly number[], directory: Directory): readonly TraceStep[] {
  return stepsOf(path).map(({ parent, device, decider, end }) => ({
    parent,
    device: directory.nameOf(device),
    id: directory.uuidOf(device),
    kind: directory.kindOf(device) ?? 'port',
    by: decider === 0 || decider === device ? undefined : directory.nameOf(decider),
    end,
  }));
}

/** The ways of the copies that leave, by name: `web:web-1 > web > web:web-2`. In the order of the outputs. */
export function waysOut(path: readonly number[], directory: Directory): readonly string[] {
  const texts: string[] = [];
  const ways: string[] = [];
  for (const { parent, device, by, end } of traceWay(path, directory)) {
    const name = by === undefined ? device : `${device} by ${by}`;
    const text = parent === undefined ? name : `${texts[parent] ?? ''} > ${name}`;
    texts.push(text);
    if (end?.kind === 'emit') ways.push(text);
  }
  return ways;
}
