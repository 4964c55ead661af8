import { SCENARIO_FILE } from '../../actors/scenario/file/scenario-schema.ts';
import { OUTPUT_SCHEMAS } from '../../datapath/trace/output-schemas.ts';
import { TOPOLOGY_FILE } from '../../topology/file/topology-schema.ts';
import type { JsonSchema } from '../../topology/model/schema/json-schema.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { SETTINGS_FILE } from '../settings/settings-file.ts';
import type { Shell } from '../shell.ts';
import { Trouble } from '../trouble.ts';
import { NSDB_SCHEMAS } from './nsdb/output-schemas.ts';
import { PLAN_SCHEMAS } from './topology/output-schemas.ts';

/** All schemas that are published, by what they describe: files that we read, then files that we write. */
export const SCHEMAS: ReadonlyMap<string, JsonSchema> = new Map<string, JsonSchema>([
  ['topology', TOPOLOGY_FILE],
  ['scenario', SCENARIO_FILE],
  ['config', SETTINGS_FILE],
  ...OUTPUT_SCHEMAS,
  ...PLAN_SCHEMAS,
  ...NSDB_SCHEMAS,
]);

/**
 * Prints the JSON Schema (draft 2020-12) of a kind of file.
 *
 * @throws Trouble when there is none of that name
 */
export function printSchema(name: string, { out }: Shell): ExitCode {
  const schema = SCHEMAS.get(name);
  if (schema === undefined)
    throw new Trouble(`no schema is called "${name}", expected ${[...SCHEMAS.keys()].join(', ')}`);
  out(`${JSON.stringify(schema, undefined, 2)}\n`);
  return EXIT.fine;
}
