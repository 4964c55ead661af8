import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ZOOKEEPER_HINT, zookeeperLib } from './zookeeper-server.ts';

// From dist/ops/servers as from ops/servers under a loader.
const SCRIPTS = ['../../../ops/servers/zookeeper/fetch.sh', './zookeeper/fetch.sh'];

/**
 * Fetches what a server is started with, unless it is there.
 *
 * @param say hears what is under way, and what went wrong
 * @throws Error that says what to install, where there is none afterwards
 */
export async function fetchZookeeper(say: (text: string) => void): Promise<void> {
  const script = SCRIPTS.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) => existsSync(path));
  const child = spawn('sh', [script ?? 'fetch.sh'], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.on('data', (chunk: Buffer) => say(chunk.toString()));
  await new Promise((resolve) => child.on('error', resolve).on('close', resolve));
  if (zookeeperLib() === undefined) throw new Error(ZOOKEEPER_HINT);
}
