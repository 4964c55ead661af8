import { ANY_IPV4, formatIpv4, isInside, type Ipv4 } from '../../topology/model/ipv4.ts';
import { isGroup, ZERO_MAC, type Mac } from '../../topology/model/mac.ts';
import { ARP_REPLY, ARP_REQUEST, arpReply, readArp } from '../packet/arp.ts';
import { IP_PROTO, IP_SRC } from '../packet/fields.ts';
import type { Packet } from '../packet/packet.ts';
import { consumed, drop, type Verdict } from '../verdict.ts';
import type { Router, RouterPort } from './router.ts';

/** Of a message whose opcode is too large to be in a key. */
const NO_OPCODE = -1;

const ARP_IGNORED = drop('arp-ignored');
const ARP_OPCODE = drop('arp-opcode');
const ARP_ANSWERED = consumed('arp-answered');
const ARP_LEARNED = consumed('arp-learned');

/**
 * Decides what becomes of an ARP message that came in by `ingress`: it is answered, learned from, or ignored.
 *
 * Sees opcode and protocol addresses; the hardware addresses of a message that concerns the router, so that no flow stands for one that
 * was answered or learned from. What it learns is a proposal; the answer waits for nothing (C21).
 *
 * @see spec 30 §4, C19, C20, C21; RFC 826; RFC 5227, section 1.1 (probes); RFC 1812, section 3.3.2 (group addresses are not believed)
 */
export function takeArp(router: Router, ingress: RouterPort, packet: Packet): Verdict {
  const { key } = packet;
  const { address, prefix } = ingress;
  if (address === undefined || prefix === undefined || !key.has(IP_SRC)) return ARP_IGNORED;
  const opcode = key.has(IP_PROTO) ? key.ipProto : NO_OPCODE;
  if (opcode !== ARP_REQUEST && opcode !== ARP_REPLY) return ARP_OPCODE;

  const sender = key.ipSrc;
  const target = key.ipDst;
  if (sender === ANY_IPV4) {
    // A probe: nobody has the sender's address yet, so there is nothing to learn.
    return opcode === ARP_REQUEST && target === address ? answer(ingress, address, packet) : ARP_IGNORED;
  }
  if (sender === address || !isInside(sender, prefix)) return ARP_IGNORED;
  if (sender === target) return learn(router, ingress, sender, packet);
  if (target !== address) return ARP_IGNORED;
  if (opcode === ARP_REPLY) return isToPort(ingress, packet) ? learn(router, ingress, sender, packet) : ARP_IGNORED;
  return learn(router, ingress, sender, packet) === ARP_LEARNED ? answer(ingress, address, packet) : ARP_IGNORED;
}

function isToPort(ingress: RouterPort, packet: Packet): boolean {
  packet.seeBeyondKey();
  return readArp(packet.frame)?.targetMac === ingress.mac;
}

function learn({ tables }: Router, { id }: RouterPort, sender: Ipv4, packet: Packet): Verdict {
  packet.seeBeyondKey();
  const mac = readArp(packet.frame)?.senderMac;
  if (mac === undefined || !isStation(mac)) return ARP_IGNORED;
  packet.propose({ carryOut: (now) => tables.listener.learned(sender, mac, id, now) });
  packet.because = { number: 0, describe: () => `neighbour ${formatIpv4(sender)}` };
  return ARP_LEARNED;
}

function answer({ id, name, mac }: RouterPort, address: Ipv4, packet: Packet): Verdict {
  packet.seeBeyondKey();
  const request = readArp(packet.frame);
  if (request === undefined || !isStation(request.senderMac)) return ARP_IGNORED;
  const { senderMac, senderIp } = request;
  const ends = { ethSrc: mac, ethDst: senderMac, senderMac: mac, senderIp: address };
  packet.generate({
    cause: 'arp-reply',
    bytes: arpReply({ ...ends, targetMac: senderMac, targetIp: senderIp }),
    egress: id,
  });
  packet.because = { number: id, describe: () => `address ${formatIpv4(address)} of port ${name}` };
  return ARP_ANSWERED;
}

function isStation(mac: Mac): boolean {
  return mac !== ZERO_MAC && !isGroup(mac);
}
