import { spawn } from 'node:child_process';
import { zookeeperLib } from '../ops/servers/zookeeper-server.ts';

/**
 * Runs ZooKeeper's own command line.
 *
 * @param words one command; none, where commands come by `input`, a line each
 * @returns all that it says
 */
export function zkCli(port: number, words: readonly string[], input = ''): Promise<string> {
  const main = ['-cp', `${zookeeperLib()}/*`, 'org.apache.zookeeper.ZooKeeperMain'];
  const flags = ['-Xmx64M', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
  const child = spawn('java', [...flags, ...main, '-server', `127.0.0.1:${port}`, ...words]);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdin.end(input);
  return new Promise((resolve, reject) => child.on('error', reject).on('close', () => resolve(said)));
}
