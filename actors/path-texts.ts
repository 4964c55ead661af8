import { pathOf } from '../simulation/path.ts';
import { inOrder } from '../simulation/outcome.ts';
import type { Simulation } from '../simulation/packet/packet.ts';
import type { Directory } from './directory.ts';
import { waysOut } from './trace-way.ts';

/** Ways whose words are kept at most. */
const MOST_TEXTS = 16_384;

interface PathText {
  readonly path: readonly number[];
  readonly ways: readonly string[];
}

/**
 * The ways of copies that leave, in words, in the order of the outputs. Those of flows are put into words once: flows of one path
 * share them, and packets by the million go them.
 */
export class PathTexts {
  readonly #directory: Directory;
  readonly #paths = new Map<number, PathText>();
  /** How many ways are kept. */
  #size = 0;
  #renamings = 0;
  /** The simulation whose copies left last, and their ways. */
  #last: { readonly simulation: Simulation; readonly ways: readonly string[] } | undefined;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** @param number of the path in the flow table, where another may have had it before */
  ofFlow(number: number, path: readonly number[]): readonly string[] {
    const { renamings } = this.#directory;
    if (renamings !== this.#renamings || this.#size > MOST_TEXTS) {
      this.#paths.clear();
      this.#size = 0;
      this.#renamings = renamings;
    }
    const known = this.#paths.get(number);
    if (known !== undefined && isSame(known.path, path)) return known.ways;
    const ways = waysOut(path, this.#directory);
    this.#paths.set(number, { path, ways });
    this.#size += ways.length - (known?.ways.length ?? 0);
    return ways;
  }

  /** @param simulation ended, and its copies are leaving */
  ofSimulation(simulation: Simulation): readonly string[] {
    if (this.#last?.simulation !== simulation) {
      this.#last = { simulation, ways: waysOut(pathOf(inOrder(simulation.ended)), this.#directory) };
    }
    return this.#last.ways;
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((one, n) => one === b[n]);
}
