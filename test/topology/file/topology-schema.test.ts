import { deepEqual, equal } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { formatProblem } from '../../../topology/file/file-problem.ts';
import { loadTopology } from '../../../topology/file/load-topology.ts';
import { TOPOLOGY_FILE } from '../../../topology/file/topology-schema.ts';
import { OBJECT_SCHEMAS } from '../../../topology/model/objects/object-classes.ts';
import { generateTopology } from './generate.ts';

const ROOT = new URL('../../../../', import.meta.url);

/** What the shape of a file cannot be told by: the loader alone sees these. */
const SHAPE_CODES = new Set(['unknown-key', 'missing-key', 'wrong-type', 'wrong-word', 'out-of-range', 'wrong-count']);

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
const isTopology = ajv.compile(TOPOLOGY_FILE);

describe('The published schema of topology files', () => {
  for (const name of readdirSync(new URL('examples/', ROOT)).filter((each) => each.endsWith('.yaml'))) {
    const text = readFileSync(new URL(`examples/${name}`, ROOT), 'utf8');
    if (/^(inputs|topology):/m.test(text)) continue; // a scenario

    it(`admits the example ${name}, and the loader has nothing to say of it`, () => {
      isTopology(parse(text));
      deepEqual(isTopology.errors, null);
      const result = loadTopology(text, { path: name, strict: true });
      deepEqual(result.ok ? [] : result.errors.map(formatProblem), []);
    });
  }

  it('admits what is generated, and what is odd', () => {
    equal(isTopology(parse(generateTopology(120))), true);
    equal(isTopology(parse(readFileSync(new URL('test/topology/file/odd/everything.yaml', ROOT), 'utf8'))), true);
  });

  const broken = new URL('test/topology/file/broken/', ROOT);
  for (const name of readdirSync(broken).filter((each) => each.endsWith('.yaml'))) {
    const text = readFileSync(new URL(name, broken), 'utf8');
    const result = loadTopology(text, { path: name });
    if (result.ok || !result.errors.some(({ code }) => SHAPE_CODES.has(code))) continue;

    it(`refuses what the loader refuses for its shape: ${name}`, () => {
      equal(isTopology(parse(text)), false);
    });
  }
});

describe('The schemas of records', () => {
  const result = loadTopology(readFileSync(new URL('examples/two-bridges.yaml', ROOT), 'utf8'), { path: 'example' });
  const objects = result.ok ? result.topology.objects : [];

  it('admit all that the loader makes', () => {
    equal(objects.length > 0, true);
    for (const each of objects) {
      const isSound = ajv.compile(OBJECT_SCHEMAS[each.class]);
      isSound(each.object);
      deepEqual(isSound.errors, null);
    }
  });

  it('admit fields of a newer version, and refuse what is no address', () => {
    const isPort = ajv.compile(OBJECT_SCHEMAS.Port);
    const port = objects.find((each) => each.class === 'Port')?.object;
    equal(isPort({ ...port, colour: 'green' }), true);
    equal(isPort({ ...port, portMac: '02:00' }), false);
    equal(isPort({ ...port, portAddress: '10.0.0.256' }), false);
    equal(isPort({ ...port, portSubnet: ['10.0.0.0/33'] }), false);
    equal(isPort({ ...port, id: undefined }), false);
  });
});
