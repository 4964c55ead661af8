import { FORWARDED, type Outcome } from '../../simulation/outcome.ts';
import type { DropReason } from '../../simulation/verdict.ts';
import {
  CONSUMED_REASONS,
  DISPOSITION_KINDS,
  DROP_MEANINGS,
  UNREADABLE_REASONS,
  type FrameDisposition,
} from './dispositions.ts';

/** How many frames ended in one way. */
export interface EndCount {
  readonly kind: FrameDisposition['kind'];
  readonly reason: string | undefined;
  readonly frames: number;
}

/** The frames of one input: a capture at a port, a station. */
export interface InputCount {
  readonly name: string;
  readonly frames: number;
  /** Of these, the ones that no selector took and that entered where the others go. */
  readonly byElse: number;
  readonly ended: readonly EndCount[];
  /** Frames that left because of them. */
  readonly copies: number;
}

export type GeneratedCount = Omit<InputCount, 'name' | 'byElse'>;

export interface OutputCount {
  readonly port: string;
  readonly frames: number;
  readonly octets: number;
}

/** Copies that left by a port and reached nobody there, for a reason that the network could not know. */
export interface LostCount {
  readonly port: string;
  readonly reason: DropReason;
  readonly frames: number;
}

export interface LimitedCount {
  readonly cause: string;
  readonly packets: number;
}

/** Two ways to count the same frames. */
export interface Sum {
  readonly name: string;
  readonly counted: number;
  /** The parts, which add up to what was counted unless something is wrong. */
  readonly parts: readonly { readonly name: string; readonly frames: number }[];
  readonly holds: boolean;
}

/** Where all frames of a run came from, and where they went. */
export interface AccountingReport {
  readonly inputs: readonly InputCount[];
  /** Packets that devices made: how many, how they ended, and the frames that left of them. */
  readonly generated: GeneratedCount;
  readonly outputs: readonly OutputCount[];
  /** Copies that are not among the outputs; a packet that had no other was dropped for the reason. */
  readonly lost: readonly LostCount[];
  /** Packets that devices would have made, had their limiter had a token left (spec C12); by what they were to be. */
  readonly limited: readonly LimitedCount[];
  readonly sums: readonly Sum[];
}

/**
 * Counts every frame of a run in and out, so that none is lost unseen: each frame of an input ends once, and what leaves is a copy of
 * a forwarded frame or of a packet that a device made. Counting allocates nothing for a frame.
 */
export class Accounting {
  readonly #inputs = new Map<string, Tally>();
  readonly #generated = new Tally();
  readonly #outputs = new Map<string, { frames: number; octets: number }>();
  readonly #lost = new Map<string, Map<DropReason, number>>();
  readonly #limited = new Map<string, number>();

  /** @param inputs names in the order in which they shall be shown; others follow as they come */
  constructor(inputs: readonly string[] = []) {
    for (const name of inputs) this.#inputs.set(name, new Tally());
  }

  /** A frame of an input was met: read, or found unreadable. @param isElse whether no selector took it, and it entered all the same */
  arrived(input: string, isElse = false): void {
    const tally = this.#tallyOf(input);
    tally.arrived++;
    if (isElse) tally.byElse++;
  }

  /** It ended. @param copies frames that left because of it */
  ended(input: string, disposition: FrameDisposition, copies = 0): void {
    this.#tallyOf(input).end(disposition, copies);
  }

  /** Many frames of an input were met and ended alike: those of an interface that is not of Ethernet. */
  setAside(input: string, disposition: FrameDisposition, frames: number): void {
    const tally = this.#tallyOf(input);
    tally.arrived += frames;
    tally.end(disposition, 0, frames);
  }

  /** A device made a packet. */
  generated(): void {
    this.#generated.arrived++;
  }

  /** A packet that a device made ended. @param copies frames that left of it */
  generatedEnded(outcome: Outcome, copies: number): void {
    this.#generated.end(outcome, copies);
  }

  /** A device would have made a packet, but it was one too many. */
  limited(cause: string): void {
    this.#limited.set(cause, (this.#limited.get(cause) ?? 0) + 1);
  }

  /** A frame left by a port. */
  frameOut(port: string, octets: number): void {
    const output = this.#outputs.get(port);
    if (output === undefined) {
      this.#outputs.set(port, { frames: 1, octets });
    } else {
      output.frames++;
      output.octets += octets;
    }
  }

  /** A frame left by a port and reached nobody there. */
  frameLost(port: string, reason: DropReason): void {
    const reasons = this.#lost.get(port) ?? new Map<DropReason, number>();
    this.#lost.set(port, reasons.set(reason, (reasons.get(reason) ?? 0) + 1));
  }

  report(): AccountingReport {
    const inputs = [...this.#inputs].map(([name, tally]) => tally.report(name));
    const outputs = [...this.#outputs]
      .map(([port, counts]) => ({ port, frames: counts.frames, octets: counts.octets }))
      .toSorted((a, b) => (a.port < b.port ? -1 : 1));
    const lost = [...this.#lost]
      .flatMap(([port, reasons]) => [...reasons].map(([reason, frames]) => ({ port, reason, frames })))
      .toSorted((a, b) => (a.port < b.port ? -1 : 1));
    const { frames, ended, copies } = this.#generated.report('');
    const generated = { frames, ended, copies };
    const limited = [...this.#limited].map(([cause, packets]) => ({ cause, packets }));
    return { inputs, generated, outputs, lost, limited, sums: sumsOf(inputs, generated, outputs) };
  }

  /** What does not add up, in words; nothing when all is well. Anything here is an error of our own. */
  check(): string[] {
    const wrong: string[] = [];
    const tallies = [...this.#inputs, ['packets made by devices', this.#generated] as const];
    for (const [name, tally] of tallies) wrong.push(...tally.check().map((text) => `${name}: ${text}`));
    for (const { name, counted, parts, holds } of this.report().sums) {
      const sum = parts.map(formatPart).join(' + ');
      if (!holds) wrong.push(`${name}: counted ${counted}, but ${sum}`);
    }
    return wrong;
  }

  #tallyOf(input: string): Tally {
    let tally = this.#inputs.get(input);
    if (tally === undefined) {
      tally = new Tally();
      this.#inputs.set(input, tally);
    }
    return tally;
  }
}

/** Frames of one origin: how many came, and how they ended. */
class Tally {
  arrived = 0;
  byElse = 0;
  #ended = 0;
  #copies = 0;
  /** Frames that were forwarded without a copy, or had copies without being forwarded. */
  #odd = 0;
  readonly #counts = new Map<FrameDisposition['kind'], Map<string | undefined, number>>();

  end({ kind, reason }: FrameDisposition, copies: number, frames = 1): void {
    this.#ended += frames;
    this.#copies += copies;
    if ((kind === FORWARDED.kind) !== copies > 0) this.#odd += frames;
    let counts = this.#counts.get(kind);
    if (counts === undefined) {
      counts = new Map();
      this.#counts.set(kind, counts);
    }
    counts.set(reason, (counts.get(reason) ?? 0) + frames);
  }

  report(name: string): InputCount {
    const ended: EndCount[] = [];
    for (const [kind, reason] of EVERY_END) {
      const frames = this.#counts.get(kind)?.get(reason);
      if (frames !== undefined) ended.push({ kind, reason, frames });
    }
    return { name, frames: this.arrived, byElse: this.byElse, ended, copies: this.#copies };
  }

  check(): string[] {
    const wrong: string[] = [];
    if (this.arrived !== this.#ended) wrong.push(`${this.arrived} came, ${this.#ended} ended`);
    if (this.#odd > 0) wrong.push(`${this.#odd} forwarded without a copy, or with one and not forwarded`);
    return wrong;
  }
}

const KINDS = Object.keys(DISPOSITION_KINDS).filter(
  (kind): kind is FrameDisposition['kind'] => kind in DISPOSITION_KINDS,
);

/** Every disposition there is, in the order in which they are shown. */
export const EVERY_END: readonly (readonly [kind: FrameDisposition['kind'], reason: string | undefined])[] =
  KINDS.flatMap((kind) => reasonsOf(kind).map((reason) => [kind, reason] as const));

function reasonsOf(kind: FrameDisposition['kind']): readonly (string | undefined)[] {
  if (kind === 'consumed') return Object.keys(CONSUMED_REASONS);
  if (kind === 'dropped' || kind === 'gave-up') return Object.keys(DROP_MEANINGS);
  return kind === 'unreadable' ? Object.keys(UNREADABLE_REASONS) : [undefined];
}

const COPIES = 'copies of forwarded frames';
const GENERATED = 'generated frames';
/** Names that are of many, for one. */
const OF_ONE: ReadonlyMap<string, string> = new Map([
  [COPIES, 'copy of a forwarded frame'],
  [GENERATED, 'generated frame'],
]);

/** A part of a sum in words: `10 forwarded`, `1 generated frame`. */
export function formatPart({ name, frames }: Sum['parts'][number]): string {
  return `${frames} ${(frames === 1 ? OF_ONE.get(name) : undefined) ?? name}`;
}

function sumsOf(
  inputs: readonly InputCount[],
  generated: GeneratedCount,
  outputs: readonly OutputCount[],
): readonly Sum[] {
  const ends = inputs.flatMap(({ ended }) => ended);
  const byKind = KINDS.map((kind) => ({
    name: kind,
    frames: total(ends.filter((end) => end.kind === kind).map(({ frames }) => frames)),
  }));
  const copies = total(inputs.map((input) => input.copies));
  return [
    sumOf('frames in', total(inputs.map(({ frames }) => frames)), byKind),
    sumOf('frames out', total(outputs.map(({ frames }) => frames)), [
      { name: COPIES, frames: copies },
      { name: GENERATED, frames: generated.copies },
    ]),
  ];
}

function sumOf(name: string, counted: number, parts: Sum['parts']): Sum {
  return { name, counted, parts, holds: total(parts.map(({ frames }) => frames)) === counted };
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
