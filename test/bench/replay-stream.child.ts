/** Replays the capture named into the folder named: packets a second, and the peak memory, in megabytes. */
import { RunRecorder } from '../../datapath/trace/run-recorder.ts';
import { play } from '../../ops/run/play.ts';
import { loadTopology } from '../../topology/file/load-topology.ts';
import { EPOCH } from '../../topology/model/time.ts';
import { topologyText } from './bench-network.ts';
import { peakMegabytes } from './child.ts';

const [, , path = '', folder = ''] = process.argv;
const loaded = loadTopology(topologyText(), { path: 'bench.yaml' });
if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
const { topology } = loaded;
const input = {
  name: 'capture.pcap',
  path,
  selectors: [],
  otherwise: topology.names.ports.get('left:in'),
  l2: 'keep',
  align: 'start',
  offset: EPOCH,
  speed: 1,
} as const;
const output = await RunRecorder.open(folder, { frames: 'pcapng', traces: false, flows: true });
const start = performance.now();
const { report } = await play(
  { topology, seed: 0, stations: [], inputs: [input], events: [], expectations: undefined, until: undefined },
  output,
);
const seconds = (performance.now() - start) / 1000;
const { hits, simulations } = report.flows;
const complete = report.complete ? 1 : 0;
const megabytes = peakMegabytes();
console.log(JSON.stringify({ rate: (hits + simulations) / seconds, hits, simulations, megabytes, complete }));
