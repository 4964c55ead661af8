import { Blocks } from './blocks.ts';
import { grownInt32 } from './grown.ts';

/**
 * Words of a link: the number that is carried, or its complement in the last link of a block; and its neighbours in the list of
 * that number (-1: none).
 */
const [NUMBER, AHEAD, BEHIND, LINK_WORDS] = [0, 1, 2, 3];

/**
 * Who carries which numbers, both ways: for each carrier a block of links, one for each number, its own integer behind the last; for
 * each number a list of its links. 12 octets for each link, 4 for each carrier and for each number.
 */
export class CarrierLists {
  readonly #blocks = new Blocks();
  /** Of each number its first link, -1 for none. */
  #first = new Int32Array(0);

  /** Makes room for numbers below this. */
  reserve(numbers: number): void {
    const known = this.#first.length;
    if (numbers <= known) return;
    this.#first = grownInt32(this.#first, numbers);
    this.#first.fill(-1, known);
  }

  /** Takes a carrier in, with the numbers from `from` on, each of them once. Returns its block; -1 when there are none. */
  add(carrier: number, numbers: readonly number[], from = 0): number {
    const links = numbers.length - from;
    if (links === 0) return -1;
    const block = this.#blocks.take(links * LINK_WORDS + 1);
    const { words } = this.#blocks;
    let link = block;
    for (let n = from; n < numbers.length; n++) {
      const number = numbers[n] ?? 0;
      const first = this.#first[number] ?? -1;
      words[link + NUMBER] = n === numbers.length - 1 ? ~number : number;
      words[link + AHEAD] = -1;
      words[link + BEHIND] = first;
      if (first >= 0) words[first + AHEAD] = link;
      this.#first[number] = link;
      link += LINK_WORDS;
    }
    words[link] = carrier;
    return block;
  }

  /** Lets the carrier of a block go. */
  remove(block: number): void {
    if (block < 0) return;
    const { words } = this.#blocks;
    let end = block;
    for (let link = block; link >= 0; link = this.after(link)) {
      const ahead = words[link + AHEAD] ?? -1;
      const behind = words[link + BEHIND] ?? -1;
      if (ahead < 0) this.#first[this.numberOf(link)] = behind;
      else words[ahead + BEHIND] = behind;
      if (behind >= 0) words[behind + AHEAD] = ahead;
      end = link + LINK_WORDS;
    }
    this.#blocks.free(block, end + 1 - block);
  }

  /** The number that a link is for. A block is its first link. */
  numberOf(link: number): number {
    const number = this.#blocks.words[link + NUMBER] ?? 0;
    return number < 0 ? ~number : number;
  }

  /** The next link of a block; -1 behind the last. */
  after(link: number): number {
    return (this.#blocks.words[link + NUMBER] ?? -1) < 0 ? -1 : link + LINK_WORDS;
  }

  /** Whether the carrier of a block carries the numbers from `from` on, in this order, and no more. */
  carries(block: number, numbers: readonly number[], from: number): boolean {
    const { words } = this.#blocks;
    const last = numbers.length - 1;
    for (let n = from, link = block; n <= last; n++, link += LINK_WORDS) {
      const number = numbers[n] ?? 0;
      if (words[link + NUMBER] !== (n === last ? ~number : number)) return false;
    }
    return true;
  }

  /** Of the carriers of a number, of which there must be one, the one that was added last. */
  lastCarrier(number: number): number {
    const { words } = this.#blocks;
    let link = this.#first[number] ?? -1;
    while ((words[link + NUMBER] ?? -1) >= 0) link += LINK_WORDS;
    return words[link + LINK_WORDS] ?? 0;
  }
}
