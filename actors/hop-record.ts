import type { TraceHop } from '../datapath/trace/packet-trace.ts';
import { formatField, nameOfField } from '../simulation/packet/format-field.ts';
import { IN_PORT, type Fields } from '../simulation/packet/fields.ts';
import { SPANS } from '../simulation/packet/key-layout.ts';
import type { Frame } from '../simulation/packet/frame.ts';
import { copyOfKey } from '../simulation/packet/key-words.ts';
import type { HopRecorder, Oversize, Packet, Point } from '../simulation/packet/packet.ts';
import { rewriteOf } from '../simulation/packet/rewrite.ts';
import type { TagNote } from '../simulation/tag.ts';
import type { Verdict } from '../simulation/verdict.ts';
import type { DeviceId } from '../topology/model/ids.ts';
import type { Directory } from './directory.ts';
import { formatTag, formatVerdict } from './names.ts';
import { valuesOf } from './trace-flow.ts';
import { hexOf, rewritten } from './trace-outputs.ts';

/** A packet as it was when it left a hop. */
interface Step {
  readonly hop: number;
  readonly words: Uint32Array;
  readonly oversize: Oversize | undefined;
}

/** Puts into words what one simulation does, hop by hop, while it happens. */
export class HopRecord implements HopRecorder {
  readonly hops: TraceHop[] = [];
  /** What the simulation's tags are about; it notes them here. */
  readonly notes: TagNote[] = [];
  readonly #frame: Frame;
  readonly #directory: Directory;
  /** How many of the notes have been told at a hop. */
  #noted = 0;
  #seen: Fields = IN_PORT;
  /** The last hop of each branch. */
  readonly #branches = new Map<Packet, Step>();

  /** @param frame as the packet came */
  constructor(frame: Frame, directory: Directory) {
    this.#frame = frame;
    this.#directory = directory;
  }

  hop(packet: Packet, device: DeviceId, point: Point, verdict: Verdict): void {
    const { simulation, key, because, oversize } = packet;
    const before = this.#branches.get(packet);
    const hop = this.hops.length;
    const directory = this.#directory;
    const fresh = simulation.seen & ~this.#seen;
    this.#seen |= simulation.seen;
    this.hops.push({
      hop,
      parent: before?.hop,
      device: directory.nameOf(device),
      id: directory.uuidOf(device),
      kind: directory.kindOf(device) ?? 'port',
      point,
      saw: valuesOf(fresh, simulation.origin, directory),
      because: because?.describe() ?? directory.nameOf(device),
      decider: because === undefined || because.number === 0 ? undefined : directory.uuidOf(because.number),
      verdict: formatVerdict(verdict, directory),
      rewrote: rewritesBetween(before?.words ?? simulation.origin, key.words, key.written),
      ...(oversize !== before?.oversize && oversizeAt(verdict, oversize, directory)),
      ...this.#frameAfter(packet),
      tags: this.notes.slice(this.#noted).map((note) => formatTag(note, directory)),
    });
    this.#noted = this.notes.length;
    this.#branches.set(packet, { hop, words: copyOfKey(key.words), oversize });
  }

  /** The frame as devices have made it so far; nothing while it is as it came. */
  #frameAfter({ key, simulation }: Packet): { readonly frame?: string } {
    const rewrite = key.written === 0 ? undefined : rewriteOf(simulation.origin, key.words, key.written, key.written);
    return rewrite === undefined ? {} : { frame: hexOf(rewritten(this.#frame, rewrite)) };
  }

  forked(packet: Packet, branches: readonly Packet[]): void {
    const last = this.#branches.get(packet);
    if (last !== undefined) for (const branch of branches) this.#branches.set(branch, last);
  }
}

/** What an MTU made of a packet at the device that asked; nothing where the packet then did not leave for another reason. */
function oversizeAt(
  { kind }: Verdict,
  oversize: Oversize | undefined,
  directory: Directory,
): Pick<TraceHop, 'oversize'> {
  const isStopped = kind === 'drop' || kind === 'suspend';
  if (oversize === undefined || isStopped !== (oversize.fragments === 0)) return {};
  return { oversize: { ...oversize, port: directory.nameOf(oversize.port) } };
}

function rewritesBetween(
  before: Uint32Array,
  after: Uint32Array,
  written: Fields,
): readonly { field: string; from: string; to: string }[] {
  const rewrites: { field: string; from: string; to: string }[] = [];
  for (const { bit } of SPANS) {
    if ((written & bit) === 0) continue;
    const [from, to] = [formatField(bit, before), formatField(bit, after)];
    if (from !== to) rewrites.push({ field: nameOfField(bit, after), from, to });
  }
  return rewrites;
}
