import { derivedInterfaces, LOCAL_HOST } from '../derived-interfaces.ts';
import { idOfPath } from '../named-ids.ts';
import { atPlace, type Draft, type DraftHost, type DraftPort, derive } from './draft.ts';

/**
 * Plugs ports that are not linked into interfaces: as `bind` says, or, in a file without hosts, into an interface of the derived
 * host that is called after the port.
 */
export function bindPorts(draft: Draft): void {
  const local = draft.hosts.size === 0 ? localHost() : undefined;
  const unsaid: DraftPort[] = [];
  for (const port of draft.allPorts) {
    if (port.spec.bind !== undefined) bindAsSaid(draft, port, port.spec.bind, local);
    else if (port.link === undefined && !port.linkIsBroken) unsaid.push(port);
  }
  if (local === undefined) for (const port of unsaid) warnOfUnplugged(draft, port);
  else bindToLocal(draft, unsaid, local);
  if (local !== undefined && local.interfaces.size > 0) {
    draft.hosts.set(local.name, local);
    derive(draft, local.id, { reason: 'as the file has no hosts' });
  }
}

function localHost(): DraftHost {
  return { name: LOCAL_HOST, id: idOfPath(['hosts', LOCAL_HOST]), path: [], spec: {}, interfaces: new Map() };
}

function bindAsSaid(draft: Draft, port: DraftPort, bind: string, local: DraftHost | undefined): void {
  const path = [...port.path, 'bind'];
  const at = draft.source.valueAt(path);
  if (port.link !== undefined || port.linkIsBroken) {
    if (bind === 'none' || port.linkIsBroken) return;
    const what = `${port.fullName} is bound and linked${atPlace(draft, port.link?.at)}`;
    draft.problems.error(at, { code: 'bound-and-linked', what, expected: 'either' });
    return;
  }
  if (bind === 'none') return;
  const slash = bind.indexOf('/');
  const interfaceName = bind.slice(slash + 1);
  const host = slash < 0 ? soleHost(draft, local, at) : hostNamed(draft, bind.slice(0, slash), local, at);
  if (host === undefined) return;
  const other = host.interfaces.get(interfaceName);
  if (other === undefined) {
    host.interfaces.set(interfaceName, port);
    port.binding = { host, interfaceName };
    return;
  }
  const what = `${host.name}/${interfaceName} has ${other.fullName} already${atPlace(draft, draft.source.valueAt([...other.path, 'bind']))}`;
  draft.problems.error(at, { code: 'interface-taken', what, expected: 'one port at an interface' });
}

function soleHost(draft: Draft, local: DraftHost | undefined, at: number | undefined): DraftHost | undefined {
  if (local !== undefined) return local;
  const [host, second] = draft.hosts.values();
  if (second === undefined && host !== undefined) return host;
  const what = host === undefined ? 'there is no host to bind to' : 'there are several hosts to bind to';
  draft.problems.error(at, {
    code: 'which-host',
    what,
    expected: host === undefined ? 'a host under "hosts"' : 'HOST/INTERFACE',
  });
  return undefined;
}

function hostNamed(
  draft: Draft,
  name: string,
  local: DraftHost | undefined,
  at: number | undefined,
): DraftHost | undefined {
  const host = name === local?.name ? local : draft.hosts.get(name);
  if (host === undefined) draft.dangling.note('host', name, at, () => draft.hosts.keys());
  return host;
}

function bindToLocal(draft: Draft, ports: readonly DraftPort[], host: DraftHost): void {
  const unbound = ports.map(({ device, name }) => ({ device: device.name, name }));
  const interfaces = derivedInterfaces(unbound, host.interfaces.keys());
  for (const [n, port] of ports.entries()) {
    const interfaceName = interfaces[n] ?? port.name;
    host.interfaces.set(interfaceName, port);
    port.binding = { host, interfaceName };
    derive(draft, port.id, { field: 'hostId', reason: 'as it is not linked' });
    derive(draft, port.id, { field: 'interfaceName', reason: 'from the name' });
  }
}

function warnOfUnplugged(draft: Draft, port: DraftPort): void {
  const what = `${port.fullName} is unplugged`;
  draft.problems.warning(draft.source.keyAt(port.path), {
    code: 'unplugged',
    what,
    expected: '"link", "bind", or "bind: none"',
  });
}
