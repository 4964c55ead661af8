import { outlineOf } from '../../../topology/file/outline.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { graphOf, type NetworkGraph } from '../../graph/network-graph.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';
import { writeResult } from '../../write-result.ts';
import { loadOrRead } from './load-or-read.ts';

type GraphForm = 'dot' | 'mermaid' | 'svg';

export interface GraphOptions {
  readonly output?: GraphForm;
  readonly out?: string;
  readonly nsdb?: string;
}

const FORMS: readonly (readonly [ending: RegExp, form: GraphForm])[] = [
  [/\.svg$/i, 'svg'],
  [/\.(mmd|mermaid)$/i, 'mermaid'],
  [/\.(dot|gv)$/i, 'dot'],
];

/** Draws a topology, that of the database where no file is named, on standard output or into a file. */
export async function graph(
  path: string | undefined,
  { output, out, nsdb }: GraphOptions,
  shell: Shell,
): Promise<ExitCode> {
  const known = FORMS.find(([ending]) => ending.test(out ?? ''))?.[1];
  if (out !== undefined && output === undefined && known === undefined) {
    throw new Trouble(`--out ${out}: expected a name that ends in .dot, .gv, .mmd or .svg, or a form with -o`);
  }
  if (path !== undefined && nsdb !== undefined) throw new Trouble('a file and --nsdb: either');
  const { topology } = await loadOrRead(path, shell);
  const form = output ?? known ?? 'dot';
  const drawing = await draw(graphOf(outlineOf(topology)), form);
  await writeResult(drawing, out, shell);
  return EXIT.fine;
}

async function draw(network: NetworkGraph, form: GraphForm): Promise<string> {
  if (form === 'dot') return (await import('../../graph/dot.ts')).dotOf(network);
  if (form === 'mermaid') return (await import('../../graph/mermaid.ts')).mermaidOf(network);
  const [{ layOut }, { svgOf }] = await Promise.all([import('../../graph/layout.ts'), import('../../graph/svg.ts')]);
  return svgOf(layOut(network), network.name ?? 'topology');
}
