/** The host of a file that names none. */
export const LOCAL_HOST = 'local';

/** A port that is plugged in nowhere, and so into an interface called after it. */
interface UnboundPort {
  readonly device: string;
  readonly name: string;
}

/**
 * The interfaces of ports whose binding a file leaves open: called as the port, or, where another is called so, with its device before.
 *
 * @param ports in the order of the file
 * @param taken interfaces that other ports have
 */
export function derivedInterfaces(ports: readonly UnboundPort[], taken: Iterable<string>): readonly string[] {
  const uses = new Map<string, number>();
  for (const { name } of ports) uses.set(name, (uses.get(name) ?? 0) + 1);
  const known = new Set(taken);
  return ports.map(({ device, name }) => {
    const isPlain = uses.get(name) === 1 && !known.has(name);
    const found = isPlain ? name : `${device}.${name}`;
    known.add(found);
    return found;
  });
}
