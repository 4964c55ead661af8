import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { Millis } from '../../topology/model/time.ts';
import { Reassembly, type FragmentFate } from '../packet/fragment.ts';
import { Layers, type Frame } from '../packet/frame.ts';

/** What the fragments of one datagram have in common (RFC 791, section 3.2). */
export interface DatagramName {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly protocol: number;
  readonly identification: number;
}

/** What a fragment is to its datagram, and the whole of it, unfragmented in a frame, when it was the one that lacked. */
export interface Assembled {
  readonly fate: FragmentFate;
  readonly whole: Uint8Array | undefined;
}

interface Datagram {
  readonly since: Millis;
  readonly pieces: { readonly bytes: Uint8Array; readonly layers: Layers }[];
  isSpoiled: boolean;
}

/** A datagram of which not all pieces have come. */
interface KeptDatagram {
  /** What its fragments have in common, as text. */
  readonly name: string;
  readonly since: Millis;
  /** The frames they came in. */
  readonly pieces: readonly Uint8Array[];
  /** Its fragments are refused. */
  readonly isSpoiled: boolean;
}

/** How long the pieces of a datagram are kept, how many of one, and of how many datagrams (spec C23). */
const PATIENCE = 30_000;
const MOST_PIECES = 256;
const MOST_DATAGRAMS = 64;

const SPOILED: Assembled = { fate: 'overlap', whole: undefined };

/** Fragments of datagrams for the router itself, kept until they are whole. Asking changes nothing: a simulation may be thrown away. */
export class Datagrams {
  /** The oldest first. */
  readonly #datagrams = new Map<string, Datagram>();

  get size(): number {
    return this.#datagrams.size;
  }

  /** What is kept, the oldest datagram first. */
  *kept(): Generator<KeptDatagram, void> {
    for (const [name, { since, pieces, isSpoiled }] of this.#datagrams) {
      yield { name, since, pieces: pieces.map(({ bytes }) => bytes), isSpoiled };
    }
  }

  /** What the fragment in `frame` makes of its datagram. */
  assemble(name: DatagramName, frame: Frame, now: Millis): Assembled {
    const datagram = this.#find(name, now);
    if (datagram?.isSpoiled === true) return SPOILED;
    const reassembly = new Reassembly();
    for (const { bytes, layers } of datagram?.pieces ?? []) reassembly.add(bytes, layers);
    const fate = reassembly.add(frame.bytes, frame.layers);
    return { fate, whole: fate === 'whole' ? reassembly.frame() : undefined };
  }

  /** Keeps a fragment for those to come. */
  hold(name: DatagramName, frame: Frame, now: Millis): void {
    const datagram = this.#find(name, now) ?? this.#begin(name, now);
    if (datagram.pieces.length >= MOST_PIECES) datagram.isSpoiled = true;
    if (datagram.isSpoiled) return;
    const layers = new Layers();
    layers.set(frame.layers);
    datagram.pieces.push({ bytes: frame.bytes.slice(), layers });
  }

  /** Refuses the fragments of a datagram from now on. */
  spoil(name: DatagramName, now: Millis): void {
    const datagram = this.#find(name, now) ?? this.#begin(name, now);
    datagram.isSpoiled = true;
    datagram.pieces.length = 0;
  }

  /** The datagram has been dealt with. */
  forget(name: DatagramName): void {
    this.#datagrams.delete(textOf(name));
  }

  #find(name: DatagramName, now: Millis): Datagram | undefined {
    const datagram = this.#datagrams.get(textOf(name));
    return datagram === undefined || now - datagram.since >= PATIENCE ? undefined : datagram;
  }

  #begin(name: DatagramName, now: Millis): Datagram {
    const text = textOf(name);
    this.#datagrams.delete(text);
    for (const [oldest, { since }] of this.#datagrams) {
      if (this.#datagrams.size < MOST_DATAGRAMS && now - since < PATIENCE) break;
      this.#datagrams.delete(oldest);
    }
    const datagram: Datagram = { since: now, pieces: [], isSpoiled: false };
    this.#datagrams.set(text, datagram);
    return datagram;
  }
}

function textOf({ source, destination, protocol, identification }: DatagramName): string {
  return `${source} ${destination} ${protocol} ${identification}`;
}
