import { didYouMean } from '../../topology/file/did-you-mean.ts';
import { ARP_REPLY, ARP_REQUEST } from '../../simulation/packet/arp.ts';
import { ANY_IPV4, type Ipv4 } from '../../topology/model/ipv4.ts';
import type { Mac } from '../../topology/model/mac.ts';
import type { ExpressionCursor } from './expression-cursor.ts';
import type { ArpSaid } from './packet-expression.ts';

const ARP_WORDS = ['request', 'who-has', 'reply', 'announce', 'probe'] as const;

/** `arp request A asks B`, `arp who-has B tell A`, `arp reply A is-at MAC to B`, `arp announce A`, `arp probe A`. */
export function readArp(cursor: ExpressionCursor): (() => ArpSaid) | undefined {
  const said = cursor.need(ARP_WORDS.map((known) => `'${known}'`).join(', '));
  if (said === undefined) return undefined;
  const word = ARP_WORDS.find((known) => known === said.text);
  if (word === undefined)
    return cursor.fail(
      said,
      `'${said.text}' is no kind of ARP message`,
      ARP_WORDS.join(', '),
      didYouMean(said.text, ARP_WORDS),
    );
  if (word === 'reply') return readArpReply(cursor);

  const first = cursor.needIpv4();
  let second = first;
  if (word === 'request' || word === 'who-has') {
    cursor.needWord(word === 'request' ? 'asks' : 'tell');
    second = cursor.needIpv4();
  }
  if (first === undefined || second === undefined) return undefined;
  const [senderIp, targetIp] = word === 'who-has' ? [second, first] : [first, second];
  return () => arp(ARP_REQUEST, word === 'probe' ? ANY_IPV4 : senderIp, targetIp, undefined, undefined, true);
}

function readArpReply(cursor: ExpressionCursor): (() => ArpSaid) | undefined {
  const senderIp = cursor.needIpv4();
  let senderMac: Mac | undefined;
  if (cursor.takeWord('is-at')) senderMac = cursor.needMac();
  cursor.needWord('to');
  const targetIp = cursor.needIpv4();
  if (senderIp === undefined || targetIp === undefined) return undefined;
  return () => arp(ARP_REPLY, senderIp, targetIp, senderMac, undefined, false);
}

function arp(
  operation: number,
  senderIp: Ipv4,
  targetIp: Ipv4,
  senderMac: Mac | undefined,
  targetMac: Mac | undefined,
  isBroadcast: boolean,
): ArpSaid {
  return { kind: 'arp', operation, senderIp, targetIp, senderMac, targetMac, isBroadcast };
}
