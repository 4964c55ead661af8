// `npm start`: makes the clone ready, then replays a real capture through a network of two bridges, a router and an uplink.
import './setup.mjs';
import { spawnSync } from 'node:child_process';

const demo = ['replay', 'examples/bro-org/scenario.yaml', '--out', 'out/demo'];
const words = ['dist/ops/main.js', ...demo, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, words, { stdio: 'inherit' });
process.exitCode = status ?? 130;
