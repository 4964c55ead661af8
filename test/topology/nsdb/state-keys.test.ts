import { deepEqual, equal } from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { assert, constantFrom, property } from 'fast-check';
import type { Json, JsonObject } from '../../../topology/model/json.ts';
import { admits } from '../../../topology/model/schema/admits.ts';
import { CONTAINER_CAPACITY, CONTAINER_STATUS } from '../../../topology/model/states/containers.ts';
import { HOST_INTERFACES_STATE } from '../../../topology/model/states/host-interfaces.ts';
import { VTEP_CONFIG_STATE } from '../../../topology/model/states/vtep-config.ts';
import { HOST_INTERFACES, POOL_MEMBER_STATUS, TUNNEL_ZONE_FLOODING_PROXY } from '../../../topology/nsdb/state-keys.ts';
import { uuid } from './harness.ts';

const ETH0 = {
  name: 'eth0',
  type: 'PHYSICAL',
  mac: '02:00:00:00:00:01',
  addresses: ['10.0.0.1', '2001:db8::1'],
  up: true,
  hasLink: false,
  mtu: 1500,
  endpoint: 'PHYSICAL',
};
const sound: JsonObject = { hostId: uuid(1), interfaces: [ETH0] };

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });

const read = (value: Json) => HOST_INTERFACES.codec.parse(JSON.stringify(value));
const withInterface = (changes: JsonObject) => ({ ...sound, interfaces: [{ ...ETH0, ...changes }] });

describe('the interfaces of a host', () => {
  it('are read with what a newer version may have added', () => {
    const newer = { ...withInterface({ speed: 10 }), later: true };
    deepEqual(read(newer), newer);
    deepEqual(read({ ...sound, interfaces: [] }), { ...sound, interfaces: [] });
  });

  it('are read from nothing else', () => {
    for (const nonsense of [
      null,
      [],
      'eth0',
      { interfaces: [] },
      { ...sound, hostId: 'h1' },
      { ...sound, interfaces: {} },
      { ...sound, interfaces: [ETH0, null] },
      withInterface({ name: '' }),
      withInterface({ type: 'physical' }),
      withInterface({ mac: '02:00:00:00:00' }),
      withInterface({ addresses: ['10.0.0.256'] }),
      withInterface({ addresses: ['fe80:::1'] }),
      withInterface({ addresses: ['fe80::1/64'] }),
      withInterface({ up: 1 }),
      withInterface({ mtu: -1 }),
      withInterface({ mtu: 1500.5 }),
      withInterface({ mtu: '1500' }),
      withInterface({ endpoint: 'MOON' }),
    ]) {
      equal(read(nonsense), undefined, JSON.stringify(nonsense));
    }
    equal(HOST_INTERFACES.codec.parse('{'), undefined);
  });
});

describe('a state key of a few words', () => {
  it('is read from these alone', () => {
    equal(POOL_MEMBER_STATUS.codec.parse('ACTIVE'), 'ACTIVE');
    equal(POOL_MEMBER_STATUS.codec.parse('active'), undefined);
    equal(TUNNEL_ZONE_FLOODING_PROXY.codec.parse(''), null);
    equal(TUNNEL_ZONE_FLOODING_PROXY.codec.parse('h1'), undefined);
  });
});

describe('the check of a value against a schema', () => {
  const schemas = { CONTAINER_CAPACITY, CONTAINER_STATUS, HOST_INTERFACES_STATE, VTEP_CONFIG_STATE };
  const samples: readonly JsonObject[] = [
    { weight: 1, quota: -1, count: 0 },
    { status: 'ERROR', hostId: uuid(1), message: '' },
    sound,
    { name: 'v', description: '', tunnelIps: ['::'] },
  ];
  const anything = constantFrom<Json[]>(
    null,
    true,
    -2,
    0,
    1.5,
    2 ** 40,
    '',
    'ERROR',
    'x',
    '::1',
    [],
    ['::1'],
    [7],
    {},
    [{}],
  );

  const keys = constantFrom(...new Set([...samples, ETH0].flatMap((sample) => Object.keys(sample))));

  for (const [name, schema] of Object.entries(schemas)) {
    it(`agrees with another about ${name}`, () => {
      const isSo = ajv.compile(schema);
      let admitted = 0;
      const how = constantFrom('set', 'within', 'leave');
      assert(
        property(constantFrom(...samples), keys, anything, how, (sample, key, value, change) => {
          const { [key]: _, ...rest } = sample;
          const within = { ...sample, interfaces: [{ ...ETH0, [key]: value }] };
          const changed = change === 'leave' ? rest : change === 'set' ? { ...sample, [key]: value } : within;
          const isAdmitted = admits(schema, changed);
          admitted += Number(isAdmitted);
          equal(isAdmitted, isSo(changed), JSON.stringify(changed));
        }),
        { numRuns: 1000 },
      );
      equal(admitted > 10 && admitted < 900, true, String(admitted));
    });
  }
});
