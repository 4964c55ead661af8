import { EXIT, type ExitCode } from '../exit-code.ts';
import { SETTINGS_FILE } from '../settings/settings-file.ts';
import type { Shell } from '../shell.ts';
import { TOPOLOGY_FILE } from '../../topology/file/topology-schema.ts';
import type { JsonSchema } from '../../topology/model/schema/json-schema.ts';

const SCHEMAS: Readonly<Record<SchemaName, JsonSchema>> = { topology: TOPOLOGY_FILE, config: SETTINGS_FILE };

/** What a schema is published of. */
export type SchemaName = 'topology' | 'config';

/** Prints the JSON Schema (draft 2020-12) of a kind of file. */
export function printSchema(name: SchemaName, { out }: Shell): ExitCode {
  out(`${JSON.stringify(SCHEMAS[name], undefined, 2)}\n`);
  return EXIT.fine;
}
