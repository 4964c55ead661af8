import type { Uuid } from '../../../topology/model/ids.ts';
import { load } from './written.ts';

/** A network, and what is to become of it. */
export const BEFORE = `
hosts: { h1: { tunnel: { overlay: 192.0.2.1 } }, h2: }
tunnelZones: { overlay: }
bridges:
  web:
    arp: { 10.0.1.20: 02:00:00:00:01:20, 10.0.1.21: 02:00:00:00:01:21 }
    macs: { 02:00:00:00:01:20: vm-1 }
    ports: { vm-1: { bind: h1/a, mtu: 1400 }, vm-2: { bind: h1/b }, old: { bind: h2/c } }
routers:
  edge:
    ports: { up: { address: 10.0.1.1/24, link: web }, out: { address: 10.9.0.1/24, bind: h1/out } }
    routes: [{ to: 0.0.0.0/0, via: 10.9.0.254 }]
`;

export const AFTER = `
hosts: { h1: { tunnel: { overlay: 192.0.2.9 } } }
tunnelZones: { overlay: { type: gre } }
portGroups: { gold: }
bridges:
  web:
    up: false
    arp: { 10.0.1.20: 02:00:00:00:01:99 }
    macs: { 02:00:00:00:01:20: vm-2 }
    ports:
      vm-1: { bind: h1/a, groups: [gold] }
      vm-2: { bind: h1/c, mtu: 9000 }
      up:
routers:
  edge:
    ports: { up: { address: 10.0.1.1/24, link: web:up }, out: { address: 10.9.0.1/24, bind: h1/out } }
    routes: [{ to: 10.0.0.0/8, via: 10.9.0.254 }]
`;

/** The id of what a file names. */
export function idIn(text: string, name: string): Uuid {
  const { devices, ports, tunnelZones } = load(text).names;
  const id = devices.get(name) ?? ports.get(name) ?? tunnelZones.get(name);
  if (id === undefined) throw new TypeError(`no ${name}`);
  return id;
}
