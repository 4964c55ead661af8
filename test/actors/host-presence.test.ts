import { deepEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import { applyTopology } from '../../actors/apply-topology.ts';
import { HostPresence } from '../../actors/host-presence.ts';
import { VirtualTime } from '../../actors/virtual-time.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import { compareInstants, instantAt, later } from '../../topology/model/time.ts';
import { EmbeddedDatabase } from '../../topology/nsdb/embedded/embedded-database.ts';
import { SESSION_TIMEOUT } from '../../topology/nsdb/nsdb.ts';
import { HOST_ALIVE, PORT_ACTIVE } from '../../topology/nsdb/state-keys.ts';
import { topologyOf } from './scenario/played.ts';

const PORTS = ['b:p', 'b:q'] as const;
type PortName = (typeof PORTS)[number];

/** A host with two ports, and somebody else who looks at it. */
async function host() {
  const topology = topologyOf('hosts: { h: }\nbridges: { b: { ports: { p: { bind: h/p }, q: { bind: h/q } } } }');
  const time = new VirtualTime();
  const database = new EmbeddedDatabase(time);
  const [other, own] = [database.open('other'), database.open('h')];
  await applyTopology(other, topology);
  const { hosts, ports } = topology.names;
  const id = hosts.get('h');
  if (id === undefined) throw new Error('no host');
  const portOf = (name: PortName): Uuid => ports.get(name) ?? id;
  const presence = new HostPresence(id, own);
  presence.open();
  await database.settled();
  return {
    own,
    portOf,
    link: (name: PortName, isUp: boolean) => presence.link(portOf(name), isUp),
    /** Moves the clock on, with all that falls due meanwhile. */
    wait: async (milliseconds: number) => {
      const end = instantAt(later(time.now(), milliseconds));
      while (time.next !== undefined && compareInstants(time.next, end) <= 0) time.runNext();
      time.advanceTo(end);
      await database.settled();
    },
    settled: () => database.settled(),
    unbind: (name: PortName) =>
      other.transact((transaction) =>
        transaction.update('Port', portOf(name), ({ hostId: _hostId, ...fields }) => fields),
      ),
    /** What others see: the host, if it is alive, and the ports that are active there. */
    seen: async () => {
      const active: string[] = [];
      for (const name of PORTS) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- two
        const values = await other.state(PORT_ACTIVE, { namespace: id, id: portOf(name) });
        if (values.length > 0) active.push(name);
      }
      const alive = await other.state(HOST_ALIVE, { namespace: id, id });
      return [...(alive.length > 0 ? ['alive'] : []), ...active];
    },
  };
}

describe('a host, as others see it', () => {
  it('is alive, with the ports active that are bound to it and have their link', async () => {
    const { link, seen, settled } = await host();
    deepEqual(await seen(), ['alive', 'b:p', 'b:q']);
    link('b:p', false);
    await settled();
    deepEqual(await seen(), ['alive', 'b:q']);
  });

  it('loses a port that is bound to it no longer', async () => {
    const { unbind, seen, settled } = await host();
    await unbind('b:p');
    await settled();
    deepEqual(await seen(), ['alive', 'b:q']);
  });

  it('is as before while it is cut off for less than the session timeout', async () => {
    const { own, wait, seen } = await host();
    own.cutLink();
    await wait(SESSION_TIMEOUT - 1);
    deepEqual(await seen(), ['alive', 'b:p', 'b:q']);
    own.restoreLink();
    await wait(2 * SESSION_TIMEOUT);
    deepEqual(await seen(), ['alive', 'b:p', 'b:q']);
  });

  it('C31: is gone with all its ports at the session timeout, and back with them when it is reached again', async () => {
    const { own, wait, seen, settled } = await host();
    own.cutLink();
    await wait(SESSION_TIMEOUT);
    deepEqual(await seen(), []);
    own.restoreLink();
    await settled();
    deepEqual(await seen(), ['alive', 'b:p', 'b:q']);
  });

  it('says after a time cut off what its links are now, whatever they were meanwhile', async () => {
    const step = fc.oneof(
      fc.record({ link: fc.constantFrom(...PORTS), isUp: fc.boolean() }),
      fc.constantFrom('cut', 'heal', 'wait a little', 'wait for long', 'settle'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { own, link, wait, seen, settled } = await host();
        const up = new Set<PortName>(PORTS);
        for (const one of steps) {
          /* oxlint-disable eslint/no-await-in-loop -- one thing after the other */
          if (typeof one === 'object') {
            link(one.link, one.isUp);
            if (one.isUp) up.add(one.link);
            else up.delete(one.link);
          } else if (one === 'cut') own.cutLink();
          else if (one === 'heal') own.restoreLink();
          else if (one === 'settle') await settled();
          else await wait(one === 'wait a little' ? 1000 : SESSION_TIMEOUT);
          /* oxlint-enable eslint/no-await-in-loop */
        }
        own.restoreLink();
        await settled();
        deepEqual(await seen(), ['alive', ...PORTS.filter((port) => up.has(port))]);
      }),
    );
  });
});
