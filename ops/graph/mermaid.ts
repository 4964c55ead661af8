import type { GraphEnd, GraphLink, GraphNode, NetworkGraph } from './network-graph.ts';

/** Writes a network as a Mermaid flowchart, for Markdown: devices with their ports that lead out, links with both ports' names. */
export function mermaidOf({ name, nodes, links }: NetworkGraph): string {
  const title = name === undefined ? [] : ['---', `title: ${JSON.stringify(name)}`, '---'];
  const kinds = ['bridge', 'router', 'uplink'] as const;
  return `${[
    ...title,
    'flowchart TB',
    ...nodes.map((node, at) => `  n${at}${shapeOf(node)}`),
    ...links.map(linkLine),
    '  classDef bridge stroke:#2563c9',
    '  classDef router stroke:#b4500f',
    '  classDef uplink stroke:#8b97a8',
    ...kinds.flatMap((kind) => {
      const members = [...nodes.keys()].filter((at) => nodes[at]?.kind === kind).map((at) => `n${at}`);
      return members.length === 0 ? [] : [`  class ${members.join(',')} ${kind}`];
    }),
  ].join('\n')}\n`;
}

function shapeOf({ kind, name, isDown, ports, routes }: GraphNode): string {
  if (kind === 'uplink') return `(["${escaped(name)}"])`;
  const lines = [
    ...ports.map((port) =>
      [port.name, port.detail, `= ${port.where}`, port.isDown ? 'down' : ''].filter(Boolean).join(' '),
    ),
    ...routes,
  ];
  const head = `<b>${escaped(name)}</b> ${isDown ? `${kind}, down` : kind}`;
  return `["${[head, ...lines.map(escaped)].join('<br/>')}"]`;
}

function linkLine({ from, to }: GraphLink): string {
  const text = [from, to].map(endText).filter((end) => end !== '');
  const isDown = from.port?.isDown === true || to.port?.isDown === true;
  const line = isDown ? '-.-' : '---';
  return `  n${from.node} ${line}${text.length === 0 ? '' : `|"${text.join(' – ')}"|`} n${to.node}`;
}

function endText({ port }: GraphEnd): string {
  if (port === undefined || port.isDerived) return '';
  return escaped([port.name, port.detail].filter((part) => part !== '').join(' '));
}

/** Mermaid reads `#` as the start of an entity, and Markdown within its labels. */
function escaped(text: string): string {
  return text.replaceAll(/[#"<>&`*_\\[\]{}|]/g, (sign) => `#${sign.codePointAt(0) ?? 0};`);
}
