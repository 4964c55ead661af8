import type { GraphEnd, GraphNode, NetworkGraph } from './network-graph.ts';

const LOOKS: Readonly<Record<GraphNode['kind'], string>> = {
  bridge: 'shape=box, style=rounded, color="#2563c9"',
  router: 'shape=box, style=rounded, color="#b4500f"',
  uplink: 'shape=box, style="rounded,filled", color="#8b97a8", fillcolor="#e9edf3"',
};

/** Writes a network for Graphviz: devices with their ports that lead out, links with a label for each port. */
export function dotOf({ name, nodes, links }: NetworkGraph): string {
  return `${[
    `graph ${quoted(name ?? 'topology')} {`,
    '  graph [rankdir=TB, nodesep=1, ranksep=1.2, fontname="sans-serif"];',
    '  node [fontname="sans-serif", fontsize=12, margin="0.15,0.1"];',
    '  edge [fontname="monospace", fontsize=10, color="#8b97a8", labeldistance=2.5, labelangle=40];',
    ...nodes.map((node, at) => `  n${at} [${LOOKS[node.kind]}, label=${labelOf(node)}];`),
    ...links.map(({ from, to }) => {
      const down = from.port?.isDown === true || to.port?.isDown === true ? ', style=dashed, color="#c02636"' : '';
      return `  n${from.node} -- n${to.node} [taillabel=${endLabel(from)}, headlabel=${endLabel(to)}${down}];`;
    }),
    '}',
  ].join('\n')}\n`;
}

/** `\l` ends a line and sets it to the left. */
function labelOf({ kind, name, isDown, ports, routes }: GraphNode): string {
  if (kind === 'uplink') return quoted(name);
  const lines = [
    ...ports.map((port) =>
      [port.name, port.detail, `= ${port.where}`, port.isDown ? 'down' : ''].filter(Boolean).join(' '),
    ),
    ...routes,
  ];
  const head = `${escaped(`${name} (${isDown ? `${kind}, down` : kind})`)}\\n`;
  return `"${head}${lines.map((line) => `${escaped(line)}\\l`).join('')}"`;
}

function endLabel({ port }: GraphEnd): string {
  if (port === undefined || port.isDerived) return '""';
  return quoted(port.detail === '' ? port.name : `${port.name}\n${port.detail}`);
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
