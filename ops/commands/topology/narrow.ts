import { didYouMean } from '../../../topology/file/did-you-mean.ts';
import type { OutlineDevice, TopologyOutline } from '../../../topology/file/outline.ts';
import { Trouble } from '../../trouble.ts';

/**
 * Leaves of a topology what is called by one of the names: a device or host whole, of a device otherwise the ports named so
 * (`device:port`, or the port's name alone), with the routes and entries that use them.
 *
 * @param path of the file, or where else it is from, for what is said when nothing has a name
 * @throws Trouble when nothing has one of the names
 */
export function narrow(outline: TopologyOutline, names: readonly string[], path: string): TopologyOutline {
  if (names.length === 0) return outline;
  const known = namesIn(outline);
  for (const name of names) {
    if (known.has(name)) continue;
    const meant = didYouMean(name, known);
    const hint = meant === undefined ? 'without names, all are shown' : `did you mean "${meant}"?`;
    throw new Trouble(`${path}: no device, port, host or port group is called "${name}"; ${hint}`);
  }
  const wanted = new Set(names);
  return {
    name: outline.name,
    hosts: outline.hosts.filter(({ name }) => wanted.has(name)),
    devices: outline.devices.flatMap((device) => narrowDevice(device, wanted)),
    portGroups: outline.portGroups.filter((name) => wanted.has(name)),
  };
}

function namesIn({ hosts, devices, portGroups }: TopologyOutline): ReadonlySet<string> {
  const ports = devices.flatMap((device) => device.ports);
  return new Set([
    ...[...devices, ...hosts].map(({ name }) => name),
    ...portGroups,
    ...ports.flatMap(({ name, fullName }) => [fullName, name]),
  ]);
}

function narrowDevice(device: OutlineDevice, wanted: ReadonlySet<string>): readonly OutlineDevice[] {
  if (wanted.has(device.name)) return [device];
  const ports = device.ports.filter(({ name, fullName }) => wanted.has(name) || wanted.has(fullName));
  if (ports.length === 0) return [];
  const names = new Set(ports.map(({ name }) => name));
  const fullNames = new Set(ports.map(({ fullName }) => fullName));
  return [
    {
      ...device,
      ports,
      routes: device.routes.filter(({ port }) => port !== undefined && names.has(port)),
      macs: device.macs.filter(({ port }) => fullNames.has(port)),
      arp: [],
    },
  ];
}
