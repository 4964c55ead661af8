import { call } from './call.ts';

/**
 * Calls command lines as a user whom the system refuses what is not his, and prints what each came to as JSON. Root, who is
 * refused nothing, becomes nobody for good: the code must have been loaded before, for nobody may not be let near it either.
 *
 * Arguments: JSON of command lines to call first, so that their code is loaded; JSON of those to call as nobody.
 */
const NOBODY = 65_534;

const [first = '[]', then = '[]'] = process.argv.slice(2);
await callEach(first);
if (process.getuid?.() === 0) process.setuid?.(NOBODY);
process.stdout.write(JSON.stringify(await callEach(then)));

async function callEach(json: string): Promise<unknown[]> {
  const results: unknown[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one command at a time
  for (const words of JSON.parse(json) as string[][]) results.push(await call(words));
  return results;
}
