import type { TagNote } from '../simulation/tag.ts';
import { formatIpv4, ipv4Of } from '../topology/model/ipv4.ts';
import { formatMac, macOf } from '../topology/model/mac.ts';
import type { Need, Verdict } from '../simulation/verdict.ts';
import type { TraceVerdict } from '../datapath/trace/packet-trace.ts';
import type { Directory } from './directory.ts';

/** A fact in words: `VlanPort(web, 02:00:00:00:00:0a, 0, web:web-1)`. */
export function formatTag({ kind, device, a, b, c }: TagNote, directory: Directory): string {
  const name = directory.nameOf(device);
  const mac = formatMac(macOf(Math.floor(a / 2 ** 32), a >>> 0));
  switch (kind) {
    case 'VlanPort':
    case 'Learned':
      return `${kind}(${name}, ${mac}, ${b}, ${directory.nameOf(c)})`;
    case 'FloodByDst':
      return `${kind}(${name}, ${mac}, ${b})`;
    case 'BridgePort':
    case 'Route':
      return `${kind}(${name}, ${directory.nameOf(a)})`;
    case 'DestIp':
    case 'ArpEntry':
    case 'ArpAnswer':
      return `${kind}(${name}, ${formatIpv4(ipv4Of(a))})`;
    case 'TunnelKey':
      return `${kind}(${device})`;
    case 'TunnelRoute':
      return `${kind}(${formatIpv4(ipv4Of(device))}, ${formatIpv4(ipv4Of(a))})`;
    case 'DpPort':
    case 'Device':
    case 'PortRx':
    case 'PortTx':
    case 'Broadcast':
    case 'ArpRequests':
    case 'NoRoute':
      return `${kind}(${name})`;
  }
}

/** What a packet waits for, in words. */
export function formatNeed(need: Need, directory: Directory): string {
  if (need.kind === 'device') return `device ${directory.nameOf(need.device)}`;
  return `next hop ${formatIpv4(need.address)} behind ${directory.nameOf(need.port)}`;
}

/** A verdict with names for numbers. */
export function formatVerdict(verdict: Verdict, directory: Directory): TraceVerdict {
  const { kind } = verdict;
  switch (verdict.kind) {
    case 'flood':
      return { kind, to: verdict.to.map((port) => directory.nameOf(port)), reason: undefined };
    case 'deliver':
    case 'forward':
    case 'cross':
      return { kind, to: [directory.nameOf(verdict.to)], reason: undefined };
    case 'emit':
      return { kind, to: [directory.nameOf(verdict.from)], reason: undefined };
    case 'consumed':
    case 'drop':
      return { kind, to: [], reason: verdict.reason };
    case 'suspend':
      return { kind, to: [], reason: formatNeed(verdict.need, directory) };
  }
}
