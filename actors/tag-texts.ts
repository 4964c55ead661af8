import type { Tag, TagList, TagNote } from '../simulation/tag.ts';
import type { Directory } from './directory.ts';
import { formatTag } from './names.ts';

/** Below this, looking for notes that nobody needs any more is not worth while. */
const FEW = 4096;

/**
 * What the tags of flows say, in words: a note of each tag is kept as long as a flow carries it. Made only where flows shall be told
 * in words; simulations note nothing otherwise.
 */
export class TagTexts {
  readonly #directory: Directory;
  readonly #isCarried: (tag: Tag) => boolean;
  readonly #notes = new Map<Tag, TagNote>();
  readonly #texts = new Map<Tag, string>();
  #renamings = 0;
  /** As many notes as may be there before those are looked for whose tag no flow carries. */
  #many = FEW;

  constructor(directory: Directory, isCarried: (tag: Tag) => boolean) {
    this.#directory = directory;
    this.#isCarried = isCarried;
  }

  /** Keeps what a simulation noted, whose flow was installed. */
  keep({ tags, notes = [] }: TagList): void {
    for (const [at, note] of notes.entries()) {
      const tag = tags[at];
      if (tag !== undefined && !this.#notes.has(tag)) this.#notes.set(tag, note);
    }
    if (this.#notes.size > this.#many) this.#forget();
  }

  /** The facts that a flow rests on, in alphabetical order: `Device(web)`, `Route(edge, 10.0.2.0/24 …)`. */
  of(tags: readonly Tag[]): readonly string[] {
    const { renamings } = this.#directory;
    if (renamings !== this.#renamings) this.#texts.clear();
    this.#renamings = renamings;
    return tags.flatMap((tag) => this.#textOf(tag) ?? []).toSorted();
  }

  /** Put into words once: flows have most of their facts in common. */
  #textOf(tag: Tag): string | undefined {
    const known = this.#texts.get(tag);
    if (known !== undefined) return known;
    const note = this.#notes.get(tag);
    if (note === undefined) return undefined;
    const text = formatTag(note, this.#directory);
    this.#texts.set(tag, text);
    return text;
  }

  /** Each note is looked at as often as others came in its place: in the mean once. */
  #forget(): void {
    for (const tag of this.#notes.keys()) {
      if (this.#isCarried(tag)) continue;
      this.#notes.delete(tag);
      this.#texts.delete(tag);
    }
    this.#many = Math.max(FEW, 2 * this.#notes.size);
  }
}
