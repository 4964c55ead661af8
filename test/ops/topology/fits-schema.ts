import { deepEqual } from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { PLAN_SCHEMAS } from '../../../ops/commands/topology/output-schemas.ts';

/** Sees to it that what was told to a program is as its published schema says. */
export function fitsSchema(told: string, name: string): void {
  const validate = new Ajv2020({ strict: true, allErrors: true }).compile(PLAN_SCHEMAS.get(name) ?? false);
  validate(JSON.parse(told));
  deepEqual(validate.errors ?? [], []);
}
