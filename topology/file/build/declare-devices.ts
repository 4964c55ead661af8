import type { Uuid } from '../../model/ids.ts';
import { parseIpv4, prefixOf } from '../../model/ipv4.ts';
import { type Mac, parseMac } from '../../model/mac.ts';
import { idOf } from '../identity.ts';
import { macOfName } from '../named-ids.ts';
import {
  atPlace,
  type Draft,
  type DraftBridge,
  type DraftDevice,
  type DraftPort,
  type DraftRouter,
  derive,
  type FilePath,
  type InterfaceAddress,
  type PortSpec,
} from './draft.ts';

/** Enters every host, bridge, router and port that the file writes out. */
export function declareDevices(draft: Draft): void {
  const { file } = draft;
  for (const [name, spec] of Object.entries(file.hosts ?? {})) {
    const path = ['hosts', name];
    draft.hosts.set(name, { name, id: idOf(spec, path), path, spec: spec ?? {}, interfaces: new Map() });
  }
  for (const [name, spec] of Object.entries(file.bridges ?? {})) {
    const path = ['bridges', name];
    const bridge = { kind: 'bridge', name, id: idOf(spec, path), path, spec: spec ?? {} } as const;
    draft.bridges.set(name, bridge);
    draft.ports.addDevice(name);
    for (const [port, portSpec] of Object.entries(bridge.spec.ports ?? {}))
      declarePort(draft, bridge, port, portSpec ?? {});
  }
  for (const [name, spec] of Object.entries(file.routers ?? {})) {
    const path = ['routers', name];
    if (isTaken(draft, name, path)) continue;
    const router: DraftRouter = {
      kind: 'router',
      name,
      id: idOf(spec, path),
      path,
      spec: spec ?? {},
      ports: [],
      routes: [],
    };
    draft.routers.set(name, router);
    draft.ports.addDevice(name);
    for (const [port, portSpec] of Object.entries(router.spec.ports ?? {}))
      declarePort(draft, router, port, portSpec ?? {});
  }
}

/**
 * Adds to a bridge the port that a link to the bridge as a whole asks for.
 *
 * @param from the port at the other end, after which it is called
 * @param path where the link is written
 */
export function derivePort(draft: Draft, bridge: DraftBridge, from: DraftPort, path: FilePath): DraftPort {
  const name = `${from.device.name}.${from.name}`;
  const port = enterPort(draft, bridge, name, {}, path);
  derive(draft, port.id, { reason: `from the link of ${from.fullName}` });
  return port;
}

function isTaken(draft: Draft, name: string, path: FilePath): boolean {
  const bridge = draft.bridges.get(name);
  if (bridge === undefined) return false;
  const what = `a bridge is called "${name}" as well${atPlace(draft, draft.source.keyAt(bridge.path))}`;
  const expected = 'one name for one device, bridges and routers alike';
  draft.problems.error(draft.source.keyAt(path), { code: 'name-taken', what, expected });
  return true;
}

function declarePort(draft: Draft, device: DraftDevice, name: string, spec: PortSpec): void {
  enterPort(draft, device, name, spec, [...device.path, 'ports', name]);
}

function enterPort(draft: Draft, device: DraftDevice, name: string, spec: PortSpec, path: FilePath): DraftPort {
  const fullName = `${device.name}:${name}`;
  const id = idOf(spec, [device.kind === 'bridge' ? 'bridges' : 'routers', device.name, 'ports', name]);
  const mac = device.kind === 'router' ? macOf(draft, id, fullName, spec) : undefined;
  const port: DraftPort = {
    device,
    name,
    fullName,
    id,
    path,
    spec,
    mac,
    address: spec.address === undefined ? undefined : addressOf(spec.address),
    link: undefined,
    linkIsBroken: false,
    binding: undefined,
  };
  draft.ports.add(device.name, name, port);
  draft.allPorts.push(port);
  if (device.kind === 'router') device.ports.push(port);
  return port;
}

function macOf(draft: Draft, id: Uuid, fullName: string, spec: PortSpec): Mac | undefined {
  const written = spec.mac === undefined ? undefined : parseMac(spec.mac);
  if (written !== undefined) return written;
  derive(draft, id, { field: 'portMac', reason: 'from the name' });
  return macOfName(fullName);
}

function addressOf(text: string): InterfaceAddress | undefined {
  const [address = '', length] = text.split('/');
  const ip = parseIpv4(address);
  return ip === undefined ? undefined : { ip, subnet: prefixOf(ip, Number(length)) };
}
