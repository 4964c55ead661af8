import { deepEqual } from 'node:assert/strict';
import { publishedRoutes, publishingPorts } from '../../../simulation/device/route-publication.ts';
import type { Beyond, RouterPort } from '../../../simulation/device/router.ts';
import type { PortId } from '../../../topology/model/ids.ts';
import { closed, inside, PORTS, routeTo } from './router-world.ts';
import { mac } from '../packets.ts';

const none: ReadonlySet<PortId> = new Set();

function publishes(beyond: Beyond, adminUp: boolean, before: ReadonlySet<PortId> = none): boolean {
  const [first] = PORTS;
  const port: RouterPort | undefined = first && { ...first, adminUp, beyond };
  return port !== undefined && publishingPorts([port], before).has(port.id);
}

describe('route publication', () => {
  const linked: Beyond = { kind: 'router', mac: mac`02:00:00:00:00:01` };

  it('is for ports that are up, and linked or active', () => {
    deepEqual(publishes(linked, true), true);
    deepEqual(publishes({ kind: 'exterior', active: true }, true), true);
    deepEqual(publishes({ kind: 'exterior', active: true }, false), false);
    deepEqual(publishes({ kind: 'nothing' }, true), false);
  });

  it('C32: ends when a port becomes inactive on its host', () => {
    deepEqual(publishes({ kind: 'exterior', active: false }, true, new Set([inside])), false);
  });

  it('outlasts a linked port that goes down, but does not begin with one', () => {
    deepEqual(publishes(linked, false, new Set([inside])), true);
    deepEqual(publishes(linked, false), false);
    deepEqual(publishes({ kind: 'exterior', active: true }, false, new Set([inside])), false);
  });

  it('takes routes of no port in any case', () => {
    const [own, other, free] = [
      routeTo('10.0.0.0/8', { port: inside }),
      routeTo('11.0.0.0/8', { port: closed }),
      routeTo('12.0.0.0/8'),
    ];
    deepEqual(publishedRoutes([own, other, free], new Set([inside])), [own, free]);
  });
});
