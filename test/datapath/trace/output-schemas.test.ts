import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { OUTPUT_SCHEMAS } from '../../../datapath/trace/output-schemas.ts';
import { equalsGolden } from '../../golden.ts';
import { SAMPLES } from '../../ops/render/sample-traces.ts';

const ajv = new Ajv2020({ strict: true, allErrors: true });

function validatorOf(name: string): ValidateFunction {
  const schema = OUTPUT_SCHEMAS.get(name);
  ok(schema !== undefined);
  return ajv.compile(schema);
}

/** What a run wrote: see the recorder's tests. */
function written(name: string): string {
  return readFileSync(`test/datapath/trace/golden/${name}`, 'utf8');
}

function accepts(validate: ValidateFunction, value: unknown): void {
  validate(value);
  deepEqual(validate.errors ?? [], []);
}

describe('the published schemas of outputs', () => {
  for (const [name, schema] of OUTPUT_SCHEMAS)
    it(`${name} is in docs/schema as it is in the code`, () => {
      equalsGolden(`${JSON.stringify(schema, undefined, 2)}\n`, `docs/schema/${name}.json`);
    });

  it('accept every story', () => {
    const validate = validatorOf('trace');
    for (const trace of SAMPLES.values()) accepts(validate, JSON.parse(JSON.stringify(trace)));
  });

  it('accept what a run writes', () => {
    accepts(validatorOf('run'), JSON.parse(written('run.json')));
    accepts(validatorOf('flows'), JSON.parse(written('flows.json')));
    const lines = written('traces.ndjson').trimEnd().split('\n');
    const validate = validatorOf('trace');
    for (const line of lines.slice(0, -1)) accepts(validate, JSON.parse(line));
    accepts(validatorOf('traces-end'), JSON.parse(lines.at(-1) ?? ''));
  });

  it('refuse a story of another version, without a reason, or with an unknown disposition', () => {
    const validate = validatorOf('trace');
    const routed = SAMPLES.get('routed');
    ok(routed !== undefined);
    for (const wrong of [
      { version: 2 },
      { hops: routed.hops.map(({ hop, device }) => ({ hop, device })) },
      { disposition: { kind: 'dropped', reason: 'bad-luck' } },
      { at: '0.5' },
    ])
      equal(validate(JSON.parse(JSON.stringify({ ...routed, ...wrong }))), false, JSON.stringify(wrong));
  });
});
