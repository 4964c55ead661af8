import type { CardShape, Label, LineShape, Point, PortShape, Scene } from './scene.ts';
import { FONTS } from './text-size.ts';

/** Colours by day and by night, as the reader's system asks. */
const DAY = {
  ground: '#f7f8fa',
  card: '#ffffff',
  ink: '#1c2430',
  soft: '#5b6675',
  line: '#8b97a8',
  bridge: '#2563c9',
  router: '#b4500f',
  uplink: '#e9edf3',
  down: '#c02636',
};
const NIGHT: typeof DAY = {
  ground: '#11151b',
  card: '#1b222c',
  ink: '#e8ecf2',
  soft: '#a0acbc',
  line: '#6c7a8d',
  bridge: '#7fb0ff',
  router: '#ffab6b',
  uplink: '#2a3340',
  down: '#ff7b86',
};

/** Writes a scene as a drawing that stands alone: no font, no script, nothing to load. */
export function svgOf(scene: Scene, name: string): string {
  const { width, height, labels, lines, cards } = scene;
  const size = `${number(width)} ${number(height)}`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${number(width)}" height="${number(height)}" viewBox="0 0 ${size}" role="img">`,
    `<title>${escape(name)}</title>`,
    `<style>${styleSheet()}</style>`,
    `<rect class="ground" width="100%" height="100%"/>`,
    ...labels.map(labelMarkup),
    ...lines.map(lineMarkup),
    ...cards.map(cardMarkup),
    '</svg>',
  ].join('\n')}\n`;
}

function styleSheet(): string {
  const fonts = Object.entries(FONTS).map(
    ([style, { size, isMono }]) => `.${style}{font:${size}px ${isMono ? 'monospace' : 'sans-serif'}}`,
  );
  return [
    '',
    ...fonts,
    '.headline,.name{font-weight:600}',
    'path.link{fill:none;stroke-width:1.75}',
    'path.link:hover{stroke-width:4}',
    'path.icon{fill:none;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}',
    'rect{stroke-width:1.5}',
    'path.down,rect.down{stroke-dasharray:5 4}',
    ...coloursOf(DAY),
    `@media (prefers-color-scheme:dark){`,
    ...coloursOf(NIGHT),
    '}',
    '',
  ].join('\n');
}

function coloursOf(colours: typeof DAY): readonly string[] {
  const { ground, card, ink, soft, line, bridge, router, uplink, down } = colours;
  return [
    `.ground{fill:${ground}}`,
    `text{fill:${ink}}`,
    `.remark,.note,.kind{fill:${soft}}`,
    `path.link{stroke:${line}}`,
    `rect.bridge{fill:${card};stroke:${bridge}}path.bridge{stroke:${bridge}}`,
    `rect.router{fill:${card};stroke:${router}}path.router{stroke:${router}}`,
    `rect.uplink{fill:${uplink};stroke:${line}}`,
    `path.link.down,rect.down{stroke:${down}}text.down{fill:${down}}`,
  ];
}

function cardMarkup({ node, x, y, width, height, labels, ports }: CardShape): string {
  const corner = node.kind === 'uplink' ? height / 2 : 8;
  const down = node.isDown ? ' down' : '';
  const place = `x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="${corner}"`;
  return [
    `<g><title>${escape(`${node.kind} ${node.name}`)}</title>`,
    `<rect class="${node.kind}${down}" ${place}/>`,
    ...(node.kind === 'uplink' ? [] : [iconMarkup(node.kind, { x: x + 12, y: y + 14 })]),
    ...labels.map(labelMarkup),
    ...ports.map((port) => portMarkup(port, node.kind)),
    '</g>',
  ].join('\n');
}

/** Within 16 by 16: two arrows passing each other for a bridge; a cross of arrows for a router. */
const ICONS = {
  bridge: 'M1 5h13m-4 -4l4 4l-4 4M15 12h-13m4 -4l-4 4l4 4',
  router:
    'M8 1v14M1 8h14M5.5 3.5l2.5 -2.5l2.5 2.5M5.5 12.5l2.5 2.5l2.5 -2.5M3.5 5.5l-2.5 2.5l2.5 2.5M12.5 5.5l2.5 2.5l-2.5 2.5',
} as const;

function iconMarkup(kind: 'bridge' | 'router', { x, y }: Point): string {
  return `<path class="icon ${kind}" transform="translate(${number(x)} ${number(y)})" d="${ICONS[kind]}"/>`;
}

function portMarkup({ port, label, x, y, width, height }: PortShape, kind: string): string {
  const down = port.isDown ? ' down' : '';
  const about = [port.name, port.detail, port.isDown ? 'down' : '', `to ${port.where}`].filter((part) => part !== '');
  const place = `x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="4"`;
  const text = label === undefined ? '' : labelMarkup(label);
  return `<g><title>${escape(about.join(' '))}</title><rect class="${kind}${down}" ${place}/>${text}</g>`;
}

/** Between layers a line leaves and arrives upright. */
function lineMarkup({ points, isDown, title }: LineShape): string {
  const [first, ...others] = points;
  if (first === undefined) return '';
  let path = `M${number(first.x)} ${number(first.y)}`;
  let at = first;
  for (const point of others) {
    const half = (at.y + point.y) / 2;
    path +=
      point.x === at.x
        ? `V${number(point.y)}`
        : `C${number(at.x)} ${number(half)} ${number(point.x)} ${number(half)} ${number(point.x)} ${number(point.y)}`;
    at = point;
  }
  return `<path class="link${isDown ? ' down' : ''}" d="${path}"><title>${escape(title)}</title></path>`;
}

function labelMarkup({ text, style, at, anchor, isDown }: Label): string {
  const anchored = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  const down = isDown === true ? ' down' : '';
  return `<text class="${style}${down}" x="${number(at.x)}" y="${number(at.y)}"${anchored}>${escape(text)}</text>`;
}

/** Two digits behind the point are finer than any screen, and the same on every machine. */
function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
