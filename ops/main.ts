#!/usr/bin/env node
import module from 'node:module';

// From Node 22.8 on, code once compiled is kept in the system's folder for temporary files, which halves the time to start.
if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function') module.enableCompileCache();
// Loaded after that, or it would not gain by it.
const { runCommandLine } = await import('./command-line.ts');

const interruption = new AbortController();
// The first asks for a tidy end; the second finds no listener and ends the process at once.
process.once('SIGINT', () => interruption.abort());

// Whoever read us had enough (`troupe ... | head`): the rest goes nowhere, and the work, its files and its exit code stay whole.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  signal: interruption.signal,
});
