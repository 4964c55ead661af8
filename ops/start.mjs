// `npm start`: makes the clone ready, then replays a real capture through a network of two bridges, a router and an uplink.
import './setup.mjs';
import { spawnSync } from 'node:child_process';

const demo = ['replay', 'examples/bro-org/scenario.yaml', '--paths', '--out', 'out/demo'];
const words = ['dist/ops/main.js', ...demo, ...process.argv.slice(2)];

process.stdout.write(
  'A browser in an office fetches www.bro.org, through the network of examples/bro-org/topology.yaml:\n\n',
);
const { status } = spawnSync(process.execPath, words, { stdio: 'inherit' });
if (status === 0) {
  process.stdout.write(`
Try next:
  npx troupe topology show examples/bro-org/topology.yaml
  npx troupe trace examples/bro-org/scenario.yaml --in laptop 'tcp 10.0.2.15:4000 > 192.0.2.1:443'
  npx troupe trace examples/bro-org/scenario.yaml --in laptop 'udp 10.0.2.15:9 > 192.0.2.1:33434 ttl=1' --detail full
  npx troupe trace examples/bro-org/scenario.yaml --in laptop 'examples/bro-org/bro.org.pcap#4' --state after-frame:3
  npx troupe help
  tshark -r out/demo/frames.pcapng -T fields -e frame.interface_name -e ip.src -e ip.dst -e frame.comment   # or wireshark
`);
}
process.exitCode = status ?? 130;
