/** An element of an XML document. */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: Element[];
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const TOKEN = /<\?xml [^?]*\?>|<\/([\w-]+)>|<([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>|([^<]+)/y;

/** Reads a document of elements, attributes and text; throws where it is not well-formed (XML 1.0). */
export function readXml(text: string): Element {
  // oxlint-disable-next-line no-control-regex -- what XML 1.0, section 2.2 does not admit
  if (/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/u.test(text))
    throw new SyntaxError('no character of XML');
  const root: Element = { name: '', attributes: new Map(), children: [], text: '' };
  const open = [root];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    const match = TOKEN.exec(text);
    const parent = open.at(-1);
    if (match === null || parent === undefined) throw new SyntaxError(`not XML at ${at}: ${text.slice(at, at + 40)}`);
    const [, closed, opened, attributes = '', empty, words] = match;
    if (closed !== undefined && open.pop()?.name !== closed) throw new SyntaxError(`</${closed}> closes nothing`);
    if (words !== undefined) parent.text += unescaped(words);
    if (opened === undefined) continue;
    const pairs = [...attributes.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, unescaped(value)] as const,
    );
    const element: Element = { name: opened, attributes: new Map(pairs), children: [], text: '' };
    parent.children.push(element);
    if (empty === '') open.push(element);
  }
  const [only, second] = root.children;
  if (open.length !== 1 || only === undefined || second !== undefined) throw new SyntaxError('not one element');
  return only;
}

function unescaped(text: string): string {
  if (/&(?!(amp|lt|gt|quot|apos);)/.test(text)) throw new SyntaxError(`a stray & in ${text}`);
  return text.replaceAll(/&(\w+);/g, (_, name: string) => ENTITIES[name] ?? '');
}
