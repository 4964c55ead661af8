/** Every field that a frame may be expected to have: what `dissect` can tell of frames. */
export const FRAME_FIELDS: ReadonlySet<string> = new Set(
  [
    'frame.len frame.cap_len eth.dst eth.src eth.type eth.len',
    'vlan.priority vlan.dei vlan.id vlan.len vlan.etype',
    'arp.opcode arp.src.hw_mac arp.src.proto_ipv4 arp.dst.hw_mac arp.dst.proto_ipv4',
    'ip.version ip.hdr_len ip.dsfield ip.dsfield.dscp ip.dsfield.ecn ip.len ip.id',
    'ip.flags.df ip.flags.mf ip.frag_offset ip.ttl ip.proto ip.checksum ip.src ip.dst',
    'ipv6.version ipv6.tclass ipv6.flow ipv6.plen ipv6.nxt ipv6.hlim ipv6.src ipv6.dst',
    'tcp.srcport tcp.dstport tcp.len tcp.seq tcp.ack tcp.hdr_len tcp.flags',
    'tcp.flags.fin tcp.flags.syn tcp.flags.reset tcp.flags.push tcp.flags.ack tcp.flags.urg tcp.flags.ece tcp.flags.cwr',
    'tcp.window_size_value tcp.checksum',
    'udp.srcport udp.dstport udp.length udp.checksum vxlan.flags vxlan.vni',
    'icmp.type icmp.code icmp.checksum icmp.ident icmp.seq',
    'icmpv6.type icmpv6.code icmpv6.checksum',
    'icmpv6.echo.identifier icmpv6.echo.sequence_number',
  ].flatMap(wordsOf),
);

/** Layers, which stand for all their fields in `ignore`. */
export const LAYERS: ReadonlySet<string> = new Set(
  [...FRAME_FIELDS].map((field) => field.slice(0, field.indexOf('.'))),
);

/** Every field that a flow may be expected to match on: as traces name them. */
export const FLOW_FIELDS: ReadonlySet<string> = new Set(
  [
    'in_port tunnel eth.dst eth.src eth.type vlan ip.frag ip.sound ip.proto ipv6.nxt',
    'arp.opcode ip.src ip.dst ipv6.src ipv6.dst arp.src.proto_ipv4 arp.dst.proto_ipv4',
    'ip.ttl ipv6.hlim ip.dsfield ipv6.tclass l4.src l4.dst tcp.srcport tcp.dstport',
    'udp.srcport udp.dstport icmp.type icmp.code icmpv6.type icmpv6.code tcp.flags icmp.ident',
  ].flatMap(wordsOf),
);

/** What values a field has: addresses are checked when a file is read, all else are numbers. */
export function kindOfField(field: string): 'ipv4' | 'ipv6' | 'mac' | 'number' {
  if (/^(ip\.(src|dst)|arp\.\w+\.proto_ipv4)$/.test(field)) return 'ipv4';
  if (/^ipv6\.(src|dst)$/.test(field)) return 'ipv6';
  return /^(eth\.(src|dst)|arp\.\w+\.hw_mac)$/.test(field) ? 'mac' : 'number';
}

function wordsOf(line: string): readonly string[] {
  return line.split(' ');
}
