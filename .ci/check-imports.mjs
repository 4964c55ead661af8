// Checks the directions of imports between the rooms. Fails also when a room was not looked at: without a parser that it
// knows, dependency-cruiser finds no module, and no fault.
import { spawnSync } from 'node:child_process';

const ROOMS = ['topology', 'simulation', 'datapath', 'actors', 'ops'];

const words = ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', '--output-type', 'json', ...ROOMS];
const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', maxBuffer: 2 ** 28 });
if (!stdout.startsWith('{')) fail(`dependency-cruiser ended with ${status}: ${stderr}${stdout}`);
const { modules, summary } = JSON.parse(stdout);

for (const { rule, from, to } of summary.violations) console.error(`${rule.severity} ${rule.name}: ${from} -> ${to}`);
for (const room of ROOMS) {
  if (!modules.some(({ source }) => source.startsWith(`${room}/`))) fail(`no module of ${room}/ was cruised`);
}
if (summary.error > 0) fail(`${summary.error} imports go the wrong way`);
console.log(`imports: ${modules.length} modules, all the right way`);

function fail(why) {
  console.error(`imports: ${why}`);
  process.exit(1);
}
