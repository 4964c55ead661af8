import { deepEqual, equal, match } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { SCHEMAS } from '../../../ops/commands/print-schema.ts';
import { TOPOLOGY_FILE } from '../../../topology/file/topology-schema.ts';
import { equalsGolden } from '../../golden.ts';
import { call } from '../call.ts';

const GOLDEN = 'test/ops/commands/golden';
const BROKEN = 'test/topology/file/broken';
const ODD = 'test/topology/file/odd';
const EXAMPLES = ['two-bridges', 'two-hosts'];

describe('troupe topology validate', () => {
  it('finds the examples sound, and counts what is in them', async () => {
    const files = EXAMPLES.map((name) => `examples/${name}.yaml`);
    deepEqual(await call(['topology', 'validate', ...files]), {
      exitCode: 0,
      out: [
        'examples/two-bridges.yaml: sound (1 host, 2 bridges, 1 router, 10 ports, 9 routes)',
        'examples/two-hosts.yaml: sound (2 hosts, 2 bridges, 1 router, 9 ports, 5 routes)',
        '2 files: all sound\n',
      ].join('\n'),
      err: '',
    });
  });

  it('tells every error of every file on standard error, as compilers do, and sums up on standard output', async () => {
    const files = readdirSync(BROKEN)
      .filter((name) => name.endsWith('.yaml'))
      .toSorted();
    const { exitCode, out, err } = await call(['topology', 'validate', ...files.map((file) => `${BROKEN}/${file}`)]);
    equal(exitCode, 2);
    equalsGolden(err, `${GOLDEN}/validate-broken.err.txt`);
    equalsGolden(out, `${GOLDEN}/validate-broken.out.txt`);
  });

  it('warns of what is lawful but odd; with --strict that is an error', async () => {
    const files = readdirSync(ODD)
      .filter((file) => file.endsWith('.yaml'))
      .toSorted()
      .map((file) => `${ODD}/${file}`);
    const lenient = await call(['topology', 'validate', ...files]);
    equal(lenient.exitCode, 0);
    match(lenient.err, /^(.+:\d+:\d+: warning: .+\n)+$/);
    const strict = await call(['topology', 'validate', '--strict', ...files]);
    equal(strict.exitCode, 2);
    equal(strict.err, lenient.err.replaceAll(' warning:', ''));
  });

  it('reports to programs in JSON, on standard output alone', async () => {
    const { exitCode, out, err } = await call(['topology', 'validate', '-o', 'json', `${BROKEN}/unknown-key.yaml`]);
    equal(exitCode, 2);
    equal(err, '');
    equalsGolden(out, `${GOLDEN}/validate.json`);
  });

  it('says of a file that is not there so, and exits as for bad input', async () => {
    const { exitCode, err } = await call(['topology', 'validate', 'no-such.yaml']);
    equal(exitCode, 2);
    equal(err, 'no-such.yaml: there is no such file, expected a file of UTF-8 text\n');
  });

  it('says nothing of sound files when asked to be quiet', async () => {
    deepEqual(await call(['topology', 'validate', '-q', 'examples/two-hosts.yaml']), {
      exitCode: 0,
      out: '',
      err: '',
    });
  });
});

describe('troupe topology show', () => {
  for (const name of EXAMPLES) {
    const file = `examples/${name}.yaml`;
    it(`shows ${name}: devices, ports, addresses, links, bindings, routes, and what was derived`, async () => {
      const { exitCode, out, err } = await call(['topology', 'show', file]);
      deepEqual([exitCode, err], [0, '']);
      equalsGolden(out, `${GOLDEN}/show-${name}.txt`);
    });

    it(`shows ${name} widely, with ids`, async () => {
      equalsGolden((await call(['topology', 'show', '--wide', file])).out, `${GOLDEN}/show-${name}.wide.txt`);
    });

    it(`shows ${name} to programs`, async () => {
      equalsGolden((await call(['topology', 'show', '-o', 'json', file])).out, `${GOLDEN}/show-${name}.json`);
    });
  }

  it('shows only what is named: devices and hosts whole, ports with what uses them', async () => {
    const words = ['topology', 'show', 'examples/two-bridges.yaml', 'db', 'web-2', 'edge:uplink'];
    equalsGolden((await call(words)).out, `${GOLDEN}/show-named.txt`);
  });

  it('asks whether a name near to one that nothing has was meant', async () => {
    deepEqual(await call(['topology', 'show', 'examples/two-bridges.yaml', 'edgy']), {
      exitCode: 2,
      out: '',
      err: 'troupe: examples/two-bridges.yaml: no device, port, host or port group is called "edgy"; did you mean "edge"?\n',
    });
  });

  it('shows nothing of a file that is wrong, but tells what is', async () => {
    const { exitCode, out, err } = await call(['topology', 'show', `${BROKEN}/self-link.yaml`]);
    deepEqual([exitCode, out], [2, '']);
    match(err, /self-link\.yaml:4:18: web:a is linked to itself\n/);
  });
});

describe('troupe topology schema', () => {
  it('prints the schema that topology files are checked by, when nothing else is asked for', async () => {
    const { out } = await call(['topology', 'schema']);
    deepEqual(JSON.parse(out), TOPOLOGY_FILE);
  });

  for (const [name, schema] of SCHEMAS) {
    it(`prints a sound schema of draft 2020-12 for ${name}, the one that docs/schema has`, async () => {
      const { exitCode, out } = await call(['topology', 'schema', name]);
      equal(exitCode, 0);
      new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);
      equalsGolden(out, `docs/schema/${name}.json`);
    });
  }
});
