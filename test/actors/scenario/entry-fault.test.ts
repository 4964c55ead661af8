import { equal, ok } from 'node:assert/strict';
import { entryFaultOf } from '../../../actors/scenario/entry-fault.ts';
import { topologyOf } from './played.ts';

const TOPOLOGY = topologyOf(`
bridges: { lan: { ports: { in: , spare: { bind: none } } } }
routers: { r: { ports: { to-lan: { address: 10.0.0.1/24, link: lan }, uplink: { address: 10.1.0.1/24 } } } }
`);

function faultOf(name: string): string | undefined {
  const port = TOPOLOGY.names.ports.get(name);
  ok(port !== undefined, name);
  return entryFaultOf(TOPOLOGY, port)?.what;
}

describe('A port where frames are to enter', () => {
  it('is one that something is plugged into, on a bridge or a router', () => {
    equal(faultOf('lan:in'), undefined);
    equal(faultOf('r:uplink'), undefined);
  });

  it('is refused when it is linked, from either end', () => {
    equal(faultOf('r:to-lan'), 'r:to-lan leads to lan:r.to-lan: frames enter by exterior ports');
    equal(faultOf('lan:r.to-lan'), 'lan:r.to-lan leads to r:to-lan: frames enter by exterior ports');
  });

  it('is refused when it is unplugged', () => {
    equal(faultOf('lan:spare'), 'lan:spare is unplugged (bind: none)');
  });
});
