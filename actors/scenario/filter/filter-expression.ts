import { formatIpv4, formatIpv4Prefix, type Ipv4Prefix } from '../../../topology/model/ipv4.ts';
import { formatMac, type Mac } from '../../../topology/model/mac.ts';

/** Which end of a packet is meant. */
export type Direction = 'src' | 'dst' | 'src or dst' | 'src and dst';

type NetworkProtocol = 'ip' | 'ip6' | 'arp';
export type Protocol = NetworkProtocol | 'tcp' | 'udp' | 'icmp' | 'icmp6';

/** A frame filter, understood. */
export type FilterExpression =
  | { readonly kind: 'and' | 'or'; readonly left: FilterExpression; readonly right: FilterExpression }
  | { readonly kind: 'not'; readonly term: FilterExpression }
  | { readonly kind: 'protocol'; readonly protocol: Protocol }
  | { readonly kind: 'number'; readonly layer: 'ether' | 'ip' | 'ip6'; readonly number: number }
  | {
      readonly kind: 'net';
      /** Undefined: IPv4 and ARP. */
      readonly protocol: 'ip' | 'arp' | undefined;
      readonly direction: Direction;
      readonly prefix: Ipv4Prefix;
    }
  | { readonly kind: 'ether'; readonly direction: Direction; readonly mac: Mac }
  | {
      readonly kind: 'port';
      /** Undefined: TCP and UDP. */
      readonly protocol: 'tcp' | 'udp' | undefined;
      readonly direction: Direction;
      readonly from: number;
      readonly to: number;
    }
  /** Without an id: any tag. */
  | { readonly kind: 'vlan'; readonly id: number | undefined }
  | { readonly kind: 'broadcast' | 'multicast' };

/** Writes a filter so that reading it gives the same expression again. */
export function formatFilter(expression: FilterExpression): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return `${formatFilter(expression.left)} ${expression.kind} ${grouped(expression.right)}`;
    case 'not':
      return `not ${grouped(expression.term)}`;
    case 'protocol':
      return expression.protocol;
    case 'number':
      return `${expression.layer} proto ${expression.number}`;
    case 'net': {
      const { protocol, direction, prefix } = expression;
      const what = prefix.length === 32 ? `host ${formatIpv4(prefix.address)}` : `net ${formatIpv4Prefix(prefix)}`;
      return words(protocol, direction, what);
    }
    case 'ether':
      return words('ether', expression.direction, `host ${formatMac(expression.mac)}`);
    case 'port': {
      const { protocol, direction, from, to } = expression;
      return words(protocol, direction, from === to ? `port ${from}` : `portrange ${from}-${to}`);
    }
    case 'vlan':
      return expression.id === undefined ? 'vlan' : `vlan ${expression.id}`;
    case 'broadcast':
    case 'multicast':
      return `ether ${expression.kind}`;
  }
}

/** `and` and `or` bind alike and from the left, so only what stands right of one needs parentheses. */
function grouped(expression: FilterExpression): string {
  const text = formatFilter(expression);
  return expression.kind === 'and' || expression.kind === 'or' ? `(${text})` : text;
}

function words(protocol: string | undefined, direction: Direction, what: string): string {
  const parts = [protocol, direction === 'src or dst' ? undefined : direction, what];
  return parts.filter((part) => part !== undefined).join(' ');
}
