import { formatIpv4, type Ipv4 } from '../topology/model/ipv4.ts';

/** How a frame gets to another host: by whose addresses of a tunnel zone they share, and under which key (spec 60 §6 and §7). */
export interface Tunnel {
  /** 24 bits: names the port where it leaves there. */
  readonly key: number;
  readonly source: Ipv4;
  readonly destination: Ipv4;
}

/** Whether two ways lead alike: to the same host under the same key, or both to nowhere but here. */
export function isSameTunnel(a: Tunnel | undefined, b: Tunnel | undefined): boolean {
  return a?.key === b?.key && a?.source === b?.source && a?.destination === b?.destination;
}

/** `tunnel=7 from 192.0.2.1 to 192.0.2.2`. */
export function formatTunnel({ key, source, destination }: Tunnel): string {
  return `tunnel=${key} from ${formatIpv4(source)} to ${formatIpv4(destination)}`;
}
