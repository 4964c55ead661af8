// Makes a clone ready to run: packages as the lock file has them, and a build of the sources as they are.
// With --servers also what tests start real servers with, where Java and Maven are there. Says nothing when there is nothing to do.
// Needs Node alone; writes to node_modules and dist, both ignored by git, and servers to the user's cache.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = [20, 19];
const ROOMS = ['topology', 'simulation', 'datapath', 'actors', 'ops', 'test'];
const BUILT_FROM = 'dist/.built-from';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
checkNode();
install();
build();
if (process.argv.includes('--servers')) fetchServers();

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  giveUp(
    `Troupe needs Node ${OLDEST_NODE.join('.')} or later, and this is ${process.versions.node}: https://nodejs.org`,
  );
}

function install() {
  if (isInstalled()) return;
  const isFirst = !existsSync('node_modules');
  say(isFirst ? 'installing packages (once; half a minute or so)' : 'installing packages that have changed');
  // Keeps to the lock file and leaves it alone. Not `npm ci`: that refuses a lock file whose registry did not know every
  // platform's variant of a package, though ours be there.
  const status = npm(['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  if (status !== 0) giveUp('packages could not be installed: npm says above why. Is the registry in reach?');
}

/** Whether node_modules has what the lock file asks for, as npm itself keeps account. Optional packages may be missing. */
function isInstalled() {
  const wanted = readJson('package-lock.json')?.packages ?? {};
  const found = readJson('node_modules/.package-lock.json')?.packages;
  if (found === undefined) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional, devOptional }]) => {
    const there = found[path];
    if (path === '' || (there === undefined && (optional || devOptional))) return true;
    return there?.version === version && there?.integrity === integrity;
  });
}

function build() {
  const sources = hashOfSources();
  if (existsSync(BUILT_FROM) && readFileSync(BUILT_FROM, 'utf8') === sources) return;
  say('building');
  rmSync('dist', { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc'], { stdio: 'inherit' });
  if (status !== 0) giveUp('the build failed: the compiler says above why');
  writeFileSync(BUILT_FROM, sources);
}

/** It says itself what is missing. Tests that need it are then left out, but in CI, where they fail. */
function fetchServers() {
  spawnSync('sh', ['ops/servers/zookeeper/fetch.sh'], { stdio: 'inherit', timeout: 300_000 });
}

function hashOfSources() {
  const hash = createHash('sha256');
  const compiler = readJson('node_modules/typescript/package.json')?.version;
  hash.update(`${compiler}\n`).update(readFileSync('tsconfig.json'));
  for (const room of ROOMS) {
    const names = readdirSync(room, { recursive: true }).filter((name) => name.endsWith('.ts'));
    for (const name of names.toSorted()) hash.update(`\n${room}/${name}\n`).update(readFileSync(join(room, name)));
  }
  return hash.digest('hex');
}

function npm(words) {
  const { npm_execpath: script } = process.env;
  const inherit = { stdio: 'inherit' };
  if (script !== undefined && /\.c?js$/.test(script))
    return spawnSync(process.execPath, [script, ...words], inherit).status;
  return spawnSync('npm', words, { ...inherit, shell: process.platform === 'win32' }).status;
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function say(what) {
  process.stderr.write(`troupe: ${what}\n`);
}

function giveUp(what) {
  say(what);
  process.exit(3);
}
