/** Reads the topology file named and sets nothing up: how long that takes, in seconds, and the peak memory, in megabytes. */
import { readTopology } from '../../topology/file/read-topology.ts';
import { peakMegabytes } from './child.ts';

const [, , path = ''] = process.argv;
const start = performance.now();
const loaded = await readTopology(path);
const seconds = (performance.now() - start) / 1000;
if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
console.log(JSON.stringify({ seconds, megabytes: peakMegabytes(), ports: loaded.topology.names.ports.size }));
