import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { durationOf, formatDuration } from '../../../../actors/scenario/duration.ts';
import { loadScenario } from '../../../../actors/scenario/file/load-scenario.ts';
import { SCENARIO_FILE } from '../../../../actors/scenario/file/scenario-schema.ts';
import { scenarioFromFlags } from '../../../../actors/scenario/file/scenario-from-flags.ts';
import type { Scenario } from '../../../../actors/scenario/scenario.ts';
import { formatProblem } from '../../../../topology/file/file-problem.ts';
import { formatIpv4 } from '../../../../topology/model/ipv4.ts';
import { formatMac } from '../../../../topology/model/mac.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

const HERE = 'test/actors/scenario/file';
const refused = async () => Promise.resolve(undefined);

async function load(text: string): Promise<Scenario> {
  const result = await loadScenario(text, { path: `${HERE}/inline.yaml`, refused });
  if (!result.ok) throw new Error(result.errors.map((problem) => formatProblem(problem)).join('\n'));
  return result.scenario;
}

function portOf(scenario: Scenario, name: string): string | undefined {
  return scenario.topology.names.ports.get(name);
}

const FULL = readFileSync(`${HERE}/full.yaml`, 'utf8');

describe('A scenario file', () => {
  it('says who is plugged in, with a MAC of the name where none is given', async () => {
    const scenario = await load(FULL);
    const [client, server] = scenario.stations;
    equal(client?.port, portOf(scenario, 'web:web-1'));
    equal(client && formatMac(client.mac), '02:00:00:00:00:0a');
    deepEqual(
      client?.addresses.map((address) => formatIpv4(address)),
      ['10.0.1.10'],
    );
    equal(client?.delay, 0.25);
    equal(server?.mac, (await load(FULL)).stations[1]?.mac);
    equal(server?.addresses6[0]?.[15], 0x20);
  });

  it('says what is played where, selectors in their order', async () => {
    const scenario = await load(FULL);
    const [first, second] = scenario.inputs;
    equal(first?.path, `${HERE}/some.pcap`);
    deepEqual(
      first?.selectors.map(({ port }) => scenario.topology.names.nameOf.get(port)),
      ['web:web-1', 'web:web-2', 'web:web-2'],
    );
    equal(first?.selectors[2]?.filter?.text, 'udp port 53 or tcp port 80');
    equal(first?.otherwise, portOf(scenario, 'edge:uplink'));
    deepEqual(first?.offset, { seconds: 1, nanos: 500_000_000 });
    equal(first?.l2, 'adapt');
    equal(second?.selectors.length, 1);
    equal(second?.otherwise, undefined);
    equal(second?.name, 'some.pcap #2');
  });

  it('says what happens, and a route that was added can be removed', async () => {
    const { events } = await load(FULL);
    deepEqual(
      events.map(({ what }) => what.kind),
      ['update', 'link', 'update', 'create', 'move', 'delete', 'kill', 'partition', 'partition'],
    );
    const [added, removed] = [events[3]?.what, events[5]?.what];
    ok(added?.kind === 'create' && removed?.kind === 'delete');
    equal(removed.id, added.id);
  });

  it('says what is expected', async () => {
    const scenario = await load(FULL);
    const { expectations } = scenario;
    ok(expectations);
    equal(expectations.allowOther, false);
    deepEqual([...expectations.allowOtherAt.values()], [true]);
    deepEqual(
      expectations.frames.map(({ count }) => [count.least, count.most]),
      [
        [3, 3],
        [1, 1],
        [0, 0],
        [2, Infinity],
      ],
    );
    deepEqual(expectations.frames[0]?.within, [
      { seconds: 0, nanos: 0 },
      { seconds: 5, nanos: 0 },
    ]);
    equal(expectations.frames[0]?.where.line, 42);
    deepEqual(expectations.paths[0]?.path, ['web:web-1', 'web', '...', 'edge:uplink']);
  });

  it('allows all frames when it expects none in particular', async () => {
    const text = 'topology: network.yaml\nexpect: { drops: [{ reason: no-route }] }\n';
    equal((await load(text)).expectations?.allowOther, true);
  });

  it('may hold its topology itself', async () => {
    const scenario = await load('topology: { bridges: { web: { ports: { web-1: , web-2: } } } }\nseed: 9\n');
    equal(scenario.topology.names.ports.size, 2);
    equal(scenario.seed, 9);
  });

  it('fits its published schema', () => {
    const validate = new Ajv2020({ strict: false }).compile(SCENARIO_FILE);
    ok(validate(parse(FULL)), JSON.stringify(validate.errors));
    equal(validate({ topology: 'x.yaml', sead: 1 }), false);
  });
});

describe('Flags', () => {
  it('give the scenario that a file would', async () => {
    const result = await scenarioFromFlags(
      { topology: `${HERE}/network.yaml`, inputs: ['web-1=a.pcap', 'uplink=b=c.pcap'], l2: 'adapt', until: '1m30s' },
      { refused },
    );
    ok(result.ok);
    deepEqual(
      result.scenario.inputs.map(({ path, l2 }) => [path, l2]),
      [
        ['a.pcap', 'adapt'],
        ['b=c.pcap', 'adapt'],
      ],
    );
    equal(result.scenario.until?.seconds, 90);
  });

  it('are named in errors', async () => {
    const flags = { topology: `${HERE}/network.yaml`, inputs: ['wbe-1=a.pcap', 'web-2=nope.pcap'] };
    const result = await scenarioFromFlags(flags);
    ok(!result.ok);
    deepEqual(
      result.errors.map((problem) => formatProblem(problem)),
      [
        'wbe-1=a.pcap: a.pcap: there is no such file, expected a capture',
        'wbe-1=a.pcap: no port is called "wbe-1"; did you mean "web-1"?',
        'web-2=nope.pcap: nope.pcap: there is no such file, expected a capture',
      ],
    );
  });

  it('need a port and a capture', async () => {
    const result = await scenarioFromFlags({ topology: 'x', inputs: ['x.pcap'] });
    equal(result.ok, false);
  });
});

describe('A duration', () => {
  it('is read to the nanosecond', () => {
    deepEqual(durationOf('1m30s'), { seconds: 90, nanos: 0 });
    deepEqual(durationOf('250ms'), { seconds: 0, nanos: 250_000_000 });
    deepEqual(durationOf('1h2.5s7ns'), { seconds: 3602, nanos: 500_000_007 });
    deepEqual(durationOf(1.000000001), { seconds: 1, nanos: 1 });
  });

  it('is written so that it is read back', () => {
    for (const text of ['0', '100us', '7ns', '250ms', '1.5s', '90s'])
      equal(formatDuration(durationOf(text === '0' ? 0 : text)), text);
  });
});
