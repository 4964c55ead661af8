/** A network to be drawn: how many bridges, and to which of the devices before it each device is linked. */
export interface Plan {
  readonly bridges: number;
  readonly routers: number;
  /** Pairs of devices, by number: bridges first, then routers. What cannot be linked is left out. */
  readonly links: readonly (readonly [number, number])[];
  /** How many exterior ports each device has, by number. */
  readonly exterior: readonly number[];
  /** Letters in a name. */
  readonly nameLength: number;
}

/** The text of a topology file for a plan. */
export function networkText({ bridges, routers, links, exterior, nameLength }: Plan): string {
  const names = Array.from({ length: bridges + routers }, (_, at) =>
    nameOf(at < bridges ? 'net' : 'rtr', at, nameLength),
  );
  const ports = names.map((): string[] => []);
  for (const [at, number] of exterior.slice(0, names.length).entries()) {
    for (let port = 0; port < number; port++) {
      const address = at < bridges ? '' : `address: ${addressOf(at, 200 + port, 2)}, `;
      ports[at]?.push(
        `${nameOf('ext', port, nameLength)}: { ${address}bind: ${nameOf('host', at % 3, nameLength)}/eth${at}-${port} }`,
      );
    }
  }
  for (const [number, [a, b]] of links.entries()) {
    if (a === b || names[a] === undefined || names[b] === undefined) continue;
    const down = number % 7 === 3 ? 'up: false, ' : '';
    ports[a]?.push(
      `l${number}-a: { ${down}${a < bridges ? '' : `address: ${linkAddress(number, 1)}, `}link: '${names[b]}:l${number}-b' }`,
    );
    ports[b]?.push(`l${number}-b: { ${b < bridges ? '' : `address: ${linkAddress(number, 2)} `} }`);
  }
  const deviceLines = (from: number, to: number): string[] =>
    names
      .slice(from, to)
      .flatMap((name, at) => [`  ${name}:`, '    ports:', ...(ports[from + at] ?? []).map((line) => `      ${line}`)]);
  return [
    'name: any-network',
    `hosts: { ${[0, 1, 2].map((host) => `${nameOf('host', host, nameLength)}: `).join(', ')} }`,
    ...(bridges > 0 ? ['bridges:', ...deviceLines(0, bridges)] : []),
    ...(routers > 0 ? ['routers:', ...deviceLines(bridges, bridges + routers)] : []),
    '',
  ].join('\n');
}

function nameOf(kind: string, number: number, length: number): string {
  const name = `${kind}-${number}`;
  return name.length >= length ? name : name + 'MW'.repeat(length).slice(0, length - name.length);
}

function addressOf(a: number, b: number, last: number): string {
  return `10.${a}.${b}.${last}/24`;
}

function linkAddress(number: number, last: number): string {
  return `172.${16 + Math.floor(number / 250)}.${number % 250}.${last}/24`;
}
