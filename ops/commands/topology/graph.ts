import type { ExitCode } from '../../exit-code.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';

export interface GraphOptions {
  readonly output?: 'dot' | 'mermaid' | 'svg';
  readonly out?: string;
}

export async function graph(path: string, options: GraphOptions, shell: Shell): Promise<ExitCode> {
  throw new Trouble(`${path} ${JSON.stringify(options)} ${String(shell.quiet)}: not yet`);
}
