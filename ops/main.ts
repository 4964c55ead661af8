#!/usr/bin/env node
import module from 'node:module';
import { getSystemErrorMap } from 'node:util';

// From Node 22.8 on, code once compiled is kept in the system's folder for temporary files, which halves the time to start.
if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function') module.enableCompileCache();
// Loaded after that, or it would not gain by it.
const { runCommandLine } = await import('./command-line.ts');

const interruption = new AbortController();
// The first asks for a tidy end; the second finds no listener and ends the process at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());

let isOutputLost = false;
// The world failed us (see exit-code.ts), whatever came of the work.
process.once('exit', () => {
  if (isOutputLost) process.exitCode = 3;
});

// Whoever read us had enough (`troupe ... | head`): the rest goes nowhere, and the work, its files and its exit code stay whole.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isOutputLost) return;
    isOutputLost = true;
    const why = getSystemErrorMap().get(error.errno ?? 0)?.[1] ?? error.message;
    process.stderr.write(`troupe: cannot write the output: ${why}\n`);
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  signal: interruption.signal,
});
