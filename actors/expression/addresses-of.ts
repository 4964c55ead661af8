import { ARP_REQUEST } from '../../simulation/packet/arp.ts';
import { ANY_IPV4, type Ipv4 } from '../../topology/model/ipv4.ts';
import type { ArpSaid, PacketExpression } from './packet-expression.ts';

/** The addresses that a packet takes for somebody's, its source first. */
export function addressesOf(expression: PacketExpression): readonly Ipv4[] {
  if (expression.kind !== 'packet') return [];
  const { content } = expression;
  if (content.kind === 'ipv4') return [content.src, content.dst];
  if (content.kind === 'raw' || isArpProbe(content)) return [];
  return [content.senderIp, content.targetIp];
}

/** Whether somebody asks for the address that it would like to have itself, and has none yet (RFC 5227, section 1.1). */
export function isArpProbe({ operation, senderIp }: ArpSaid): boolean {
  return operation === ARP_REQUEST && senderIp === ANY_IPV4;
}
