import { formatIpv4, ipv4Of } from '../../topology/model/ipv4.ts';
import { formatIpv6 } from '../../topology/model/ipv6.ts';
import { formatMac, macOf } from '../../topology/model/mac.ts';
import { ETHERTYPE_ARP, ETHERTYPE_IPV6 } from './ethernet.ts';
import {
  ETH_DST,
  ETH_SRC,
  ETHER_TYPE,
  FIRST_FRAGMENT,
  IN_PORT,
  LATER_FRAGMENT,
  TUNNEL,
  VLAN,
  type Fields,
} from './fields.ts';
import { SPANS, WORD } from './key-layout.ts';
import { ICMP, ICMPV6, TCP, UDP } from './protocols.ts';
import type { Rewrite } from './rewrite.ts';

/**
 * The name of a field, as Wireshark's for what the key says the packet is: `ip.src`, `arp.src.proto_ipv4`, `tcp.dstport`.
 *
 * @param bit the field's own bit
 * @param words a key: its ethertype and protocol choose the name. Without one of them the general name is taken: `ip.src`, `l4.dst`
 */
export function nameOfField(bit: Fields, words: Uint32Array): string {
  const type = word(words, WORD.tunnelTosTtlEtherType) & 0xffff;
  const protocol = (word(words, WORD.vlansProtoTtlTos) >>> 16) & 0xff;
  const spanName = SPANS.find((span) => span.bit === bit)?.name ?? 'beyond';
  const isIcmp = protocol === ICMP || protocol === ICMPV6;
  const icmp = protocol === ICMPV6 ? 'icmpv6' : 'icmp';
  const transport = protocol === TCP ? 'tcp' : protocol === UDP ? 'udp' : 'l4';
  switch (spanName) {
    case 'inPort':
      return 'in_port';
    case 'ethDst':
      return 'eth.dst';
    case 'ethSrc':
      return 'eth.src';
    case 'etherType':
      return 'eth.type';
    case 'fragment':
      return 'ip.frag';
    case 'soundIpv4':
      return 'ip.sound';
    case 'ipProto':
      return type === ETHERTYPE_ARP ? 'arp.opcode' : type === ETHERTYPE_IPV6 ? 'ipv6.nxt' : 'ip.proto';
    case 'ipSrc':
      return type === ETHERTYPE_ARP ? 'arp.src.proto_ipv4' : type === ETHERTYPE_IPV6 ? 'ipv6.src' : 'ip.src';
    case 'ipDst':
      return type === ETHERTYPE_ARP ? 'arp.dst.proto_ipv4' : type === ETHERTYPE_IPV6 ? 'ipv6.dst' : 'ip.dst';
    case 'ttl':
      return type === ETHERTYPE_IPV6 ? 'ipv6.hlim' : 'ip.ttl';
    case 'tos':
      return type === ETHERTYPE_IPV6 ? 'ipv6.tclass' : 'ip.dsfield';
    case 'l4Src':
      return isIcmp ? `${icmp}.type` : `${transport}.${transport === 'l4' ? 'src' : 'srcport'}`;
    case 'l4Dst':
      return isIcmp ? `${icmp}.code` : `${transport}.${transport === 'l4' ? 'dst' : 'dstport'}`;
    case 'tcpFlags':
      return 'tcp.flags';
    case 'icmpId':
      return 'icmp.ident';
    default:
      return spanName;
  }
}

/** The value of a field in a key, for people; `absent` is for the caller to say. */
export function formatField(bit: Fields, words: Uint32Array): string {
  const middle = word(words, WORD.ethDstLowEthSrcHigh);
  const mixed = word(words, WORD.vlansProtoTtlTos);
  const flags = word(words, WORD.fragmentSoundFlags);
  switch (bit) {
    case IN_PORT:
      return String(word(words, WORD.inPort));
    case TUNNEL: {
      const [source, target] = [word(words, WORD.tunnelSrc), word(words, WORD.tunnelDst)].map((at) =>
        formatIpv4(ipv4Of(at)),
      );
      return `${word(words, WORD.tunnelKey)} from ${source} to ${target}`;
    }
    case ETH_DST: {
      const high = word(words, WORD.ethDstHigh);
      return formatMac(macOf(high >>> 16, (((high & 0xffff) << 16) | (middle >>> 16)) >>> 0));
    }
    case ETH_SRC:
      return formatMac(macOf(middle & 0xffff, word(words, WORD.ethSrcLow)));
    case ETHER_TYPE:
      return hex(word(words, WORD.tunnelTosTtlEtherType) & 0xffff);
    case VLAN:
      return formatTags(words);
    default:
  }
  switch (SPANS.find((span) => span.bit === bit)?.name ?? 'beyond') {
    case 'fragment':
      return FRAGMENT_NAMES[flags >>> 24] ?? 'none';
    case 'soundIpv4':
      return (flags & 0xff_0000) === 0 ? 'no' : 'yes';
    case 'ipProto':
      return String((mixed >>> 16) & 0xff);
    case 'ipSrc':
      return formatAddress(words, WORD.ipSrc);
    case 'ipDst':
      return formatAddress(words, WORD.ipDst);
    case 'ttl':
      return String((mixed >>> 8) & 0xff);
    case 'tos':
      return hex(mixed & 0xff, 2);
    case 'l4Src':
      return String(word(words, WORD.l4) >>> 16);
    case 'l4Dst':
      return String(word(words, WORD.l4) & 0xffff);
    case 'tcpFlags':
      return hex(flags & 0xffff);
    case 'icmpId':
      return String(word(words, WORD.icmpId) >>> 16);
    default:
      return '';
  }
}

const FRAGMENT_NAMES = { [FIRST_FRAGMENT]: 'first', [LATER_FRAGMENT]: 'later' } as Readonly<Record<number, string>>;

/**
 * A rewrite for people, a line for each field: `eth.src=02:00:00:00:00:01`, `ip.ttl=63`.
 *
 * @param origin the key of a packet that gets it, for the names: `tcp.dstport` rather than `l4.dst`
 */
export function formatRewrite({ fields, words }: Rewrite, origin?: Uint32Array): string[] {
  const values = Uint32Array.from(words);
  const lines: string[] = [];
  for (const { bit } of SPANS) {
    if ((fields & bit) !== 0) lines.push(`${nameOfField(bit, origin ?? values)}=${formatField(bit, values)}`);
  }
  return lines;
}

/** `none`; `5`, the VLAN of one tag; `100.5`, outer and inner; a third and further ones show as `+1`. Priorities as `5p3`. */
function formatTags(words: Uint32Array): string {
  const count = word(words, WORD.vlansProtoTtlTos) >>> 24;
  if (count === 0) return 'none';
  const tags = [word(words, WORD.vlanOuter), word(words, WORD.vlanInner)].slice(0, count).map((tag) => {
    const priority = (tag >>> 13) & 7;
    return `${tag & 0xfff}${priority === 0 ? '' : `p${priority}`}`;
  });
  return tags.join('.') + (count > 2 ? `+${count - 2}` : '');
}

/** A key does not say the family where the ethertype was not asked for: an address of more than one word is of IPv6. */
function formatAddress(words: Uint32Array, at: number): string {
  const isIpv6 = (word(words, WORD.tunnelTosTtlEtherType) & 0xffff) === ETHERTYPE_IPV6;
  const rest = word(words, at + 1) | word(words, at + 2) | word(words, at + 3);
  return isIpv6 || rest !== 0 ? formatIpv6(words.subarray(at, at + 4)) : formatIpv4(ipv4Of(word(words, at)));
}

function hex(value: number, digits = 4): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

function word(words: Uint32Array, at: number): number {
  return words[at] ?? 0;
}
