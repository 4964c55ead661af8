import { FORWARDED, type Outcome } from '../simulation/outcome.ts';
import type { Fields } from '../simulation/packet/fields.ts';
import { KEY_WORDS, SPANS } from '../simulation/packet/key-layout.ts';
import type { Rewrite } from '../simulation/packet/rewrite.ts';
import type { Tunnel } from '../simulation/tunnel.ts';
import { CONSUMED_REASONS, EVERY_DROP_REASON } from '../simulation/verdict.ts';
import { portIdOf, type PortId } from '../topology/model/ids.ts';
import { ipv4Of } from '../topology/model/ipv4.ts';
import type { FlowActions, FlowOutput } from './flow-actions.ts';
import type { ActionsCodec } from './flow-table/flow.ts';

/** Words of the actions before their outputs: the number of the outcome, the number of outputs. */
const [OUTCOME, OUTPUTS, HEAD] = [0, 1, 2];

/**
 * Words of an output, before those of the rewrite's values that its fields lie in, and those of the tunnel: port, MTU, fields of the
 * rewrite (0: none), and what words follow.
 */
const [PORT, MTU, FIELDS, FOLLOWING, OUTPUT_HEAD] = [0, 1, 2, 3, 4];

/** Among what words follow: bit n for word n of a key, and behind these a tunnel's key, source and destination. */
const TUNNEL = 1 << KEY_WORDS;

/** Of each field by the number of its bit, the words of a key in which it lies, as bits. */
const WORDS_OF_FIELD = SPANS.map(({ words }) => words.reduce((places, [word]) => places | (1 << word), 0));

const NO_LIMIT = 0x7fff_ffff;

/** All outcomes there are; each has its place as its number. */
const OUTCOMES: readonly Outcome[] = [
  FORWARDED,
  ...CONSUMED_REASONS.map((reason): Outcome => ({ kind: 'consumed', reason })),
  ...EVERY_DROP_REASON.map((reason): Outcome => ({ kind: 'dropped', reason })),
  ...EVERY_DROP_REASON.map((reason): Outcome => ({ kind: 'gave-up', reason })),
];

const NUMBERS: Readonly<Record<Outcome['kind'], ReadonlyMap<string | undefined, number>>> = {
  forwarded: numbersOf('forwarded'),
  consumed: numbersOf('consumed'),
  dropped: numbersOf('dropped'),
  'gave-up': numbersOf('gave-up'),
};

function numbersOf(kind: Outcome['kind']): ReadonlyMap<string | undefined, number> {
  return new Map(OUTCOMES.flatMap((outcome, n) => (outcome.kind === kind ? [[outcome.reason, n]] : [])));
}

/** How the flow table keeps what flows do. */
export const ACTIONS_CODEC: ActionsCodec<FlowActions> = {
  encode: ({ outcome, outputs }) => {
    const words = [NUMBERS[outcome.kind].get(outcome.reason) ?? 0, outputs.length];
    for (const output of outputs) encodeOutput(output, words);
    return words;
  },
  decode: (words, at) => {
    const outputs: FlowOutput[] = [];
    let next = firstOutput(at);
    for (let n = countOutputs(words, at); n > 0; n--) {
      const mtu = words[next + MTU] ?? 0;
      const output = new StoredOutput();
      next = output.read(words, next);
      const { port, rewrite, tunnel } = output;
      outputs.push({ port, rewrite, mtu: mtu === NO_LIMIT ? Infinity : mtu, tunnel });
    }
    return { outputs, outcome: outcomeAt(words, at) };
  },
};

/** The outcome of the actions that begin at `at`. */
export function outcomeAt(words: Int32Array, at: number): Outcome {
  return OUTCOMES[words[at + OUTCOME] ?? 0] ?? FORWARDED;
}

/** How many outputs the actions have that begin at `at`. */
export function countOutputs(words: Int32Array, at: number): number {
  return words[at + OUTPUTS] ?? 0;
}

/** Where the first of them lies. */
export function firstOutput(at: number): number {
  return at + HEAD;
}

/** What to send by an output. */
export type Sending = Omit<FlowOutput, 'mtu'>;

/** The outputs of actions, read one after the other where they lie: each takes the place of the one before. */
export class StoredOutput implements Sending {
  port: PortId = portIdOf(0);
  rewrite: Rewrite | undefined;
  tunnel: Tunnel | undefined;
  readonly #rewrite: { fields: Fields; readonly words: number[] } = {
    fields: 0,
    words: Array.from({ length: KEY_WORDS }, () => 0),
  };
  readonly #tunnel = { key: 0, source: ipv4Of(0), destination: ipv4Of(0) };

  /**
   * Reads the output that begins at `at`. Values that its rewrite does not write are left as they were.
   *
   * @returns where the next one begins
   */
  read(words: Int32Array, at: number): number {
    const rewrite = this.#rewrite;
    const values = rewrite.words;
    const fields = words[at + FIELDS] ?? 0;
    const following = words[at + FOLLOWING] ?? 0;
    let next = at + OUTPUT_HEAD;
    for (let rest = following & (TUNNEL - 1); rest !== 0; rest &= rest - 1) {
      values[31 - Math.clz32(rest & -rest)] = words[next++] ?? 0;
    }
    rewrite.fields = fields;
    this.port = portIdOf(words[at + PORT] ?? 0);
    this.rewrite = fields === 0 ? undefined : rewrite;
    this.tunnel = undefined;
    if ((following & TUNNEL) === 0) return next;
    this.#tunnel.key = words[next] ?? 0;
    this.#tunnel.source = ipv4Of(words[next + 1] ?? 0);
    this.#tunnel.destination = ipv4Of(words[next + 2] ?? 0);
    this.tunnel = this.#tunnel;
    return next + 3;
  }
}

function encodeOutput({ port, mtu, rewrite, tunnel }: FlowOutput, words: number[]): void {
  const fields = rewrite?.fields ?? 0;
  const following = wordsOf(fields);
  words.push(port, Math.min(mtu, NO_LIMIT), fields, tunnel === undefined ? following : following | TUNNEL);
  for (let rest = following; rest !== 0; rest &= rest - 1)
    words.push(rewrite?.words[31 - Math.clz32(rest & -rest)] ?? 0);
  if (tunnel !== undefined) words.push(tunnel.key, tunnel.source, tunnel.destination);
}

/** The words of a key in which these fields lie, as bits. */
function wordsOf(fields: Fields): number {
  let places = 0;
  for (let rest = fields; rest !== 0; rest &= rest - 1) places |= WORDS_OF_FIELD[31 - Math.clz32(rest & -rest)] ?? 0;
  return places;
}
