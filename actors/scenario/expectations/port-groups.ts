import type { Dissected } from '../../../simulation/packet/dissect.ts';
import { ANY } from './field-values.ts';
import { fitsFields } from './frame-fit.ts';

/** Frames that are alike in what matters. */
export interface FrameGroup {
  readonly fields: readonly Dissected[];
  readonly count: number;
}

/** The fields that tell conversations apart. A frame is described by those that it has. */
const CONVERSATION = [
  'vlan.id arp.opcode arp.src.proto_ipv4 arp.dst.proto_ipv4 ip.src ip.dst ipv6.src ipv6.dst',
  'ip.ttl tcp.srcport tcp.dstport udp.srcport udp.dstport icmp.type icmp.code',
  'icmpv6.type icmpv6.code',
].flatMap((line) => line.split(' '));
/** What is told instead when a port has very many conversations. */
const ENDS = ['vlan.id', 'arp.opcode', 'ip.src', 'ip.dst', 'ipv6.src', 'ipv6.dst', 'ip.proto', 'ipv6.nxt'];
const SORTS = ['eth.type', 'ip.proto', 'ipv6.nxt', 'arp.opcode'];
const LEVELS: readonly (readonly string[])[] = [CONVERSATION, ENDS, SORTS];
/** More groups than this at a port are told by fewer fields. */
const MOST_GROUPS = 100;

interface Group {
  readonly fields: readonly Dissected[];
  count: number;
  /** Of these, the frames that no expectation has. */
  unexpected: number;
}

/** The groups of one port: told by fewer fields as soon as there are too many. */
export class PortGroups {
  #level = 0;
  #groups = new Map<string, Group>();

  add(fields: readonly Dissected[], { count, unexpected }: Pick<Group, 'count' | 'unexpected'>): void {
    const told = this.#told(fields);
    const key = told.map(([field, value]) => `${field} ${value}`).join(' ');
    const known = this.#groups.get(key);
    if (known !== undefined) {
      known.count += count;
      known.unexpected += unexpected;
      return;
    }
    // All that a coarser level may ask is kept of one frame.
    const kept = fields.filter(([field]) => field === 'eth.len' || LEVELS.some((level) => level.includes(field)));
    this.#groups.set(key, { fields: kept, count, unexpected });
    if (this.#groups.size > MOST_GROUPS && this.#level < LEVELS.length - 1) this.#coarsen();
  }

  /**
   * The groups with frames that no expectation has, each with the count of all frames that have its fields: those of another group too,
   * that has more. So the run they were taken from meets what they expect.
   */
  unexpected(): readonly FrameGroup[] {
    const groups = [...this.#groups.values()];
    const counted = new Map<string, FrameGroup>();
    for (const { fields, unexpected } of groups) {
      if (unexpected === 0) continue;
      const match = new Map(this.#told(fields).toReversed()); // of a field that occurs twice, the outermost
      const fitting = groups.filter((group) => fitsFields(match, group.fields));
      const count = fitting.reduce((sum, group) => sum + group.count, 0);
      const told = [...match].toReversed();
      counted.set(JSON.stringify(told), { fields: told, count });
    }
    return [...counted.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  }

  #told(fields: readonly Dissected[]): readonly Dissected[] {
    const level = LEVELS[this.#level] ?? SORTS;
    const told = level.flatMap((name) => fields.filter(([field]) => field === name));
    if (told.length > 0) return told;
    const type = fields.find(([field]) => field === 'eth.type');
    return type === undefined ? [['eth.len', ANY]] : [type];
  }

  #coarsen(): void {
    this.#level += 1;
    const before = this.#groups;
    this.#groups = new Map();
    for (const { fields, ...counts } of before.values()) this.add(fields, counts);
  }
}
