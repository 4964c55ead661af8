import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a module of this folder in a process of its own; what it prints is JSON. Its peak memory is its own that way. */
export function reportOf(module: string, words: readonly string[]): Readonly<Record<string, number>> {
  const path = fileURLToPath(new URL(module, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...words], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${module} ended with ${status}: ${stderr}`);
  const report: unknown = JSON.parse(stdout);
  if (typeof report !== 'object' || report === null) throw new Error(`${module} reported ${stdout}`);
  return Object.fromEntries(Object.entries(report).map(([name, value]) => [name, Number(value)]));
}

/** The most memory that this process ever had, in megabytes (10^6 octets): all of it, Node included. */
export function peakMegabytes(): number {
  return (process.resourceUsage().maxRSS * 1024) / 1e6;
}
