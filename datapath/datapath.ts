import type { Outcome } from '../simulation/outcome.ts';
import { KEY_WORDS } from '../simulation/packet/key-layout.ts';
import { extract } from '../simulation/packet/extract.ts';
import { fragmentFrame } from '../simulation/packet/fragment.ts';
import { Layers, type Frame } from '../simulation/packet/frame.ts';
import { applyRewrite } from '../simulation/packet/rewrite.ts';
import type { Tunnel } from '../simulation/tunnel.ts';
import type { PortId } from '../topology/model/ids.ts';
import type { Millis } from '../topology/model/time.ts';
import { countOutputs, firstOutput, outcomeAt, StoredOutput, type Sending } from './action-words.ts';
import type { FlowActions } from './flow-actions.ts';
import { NO_FLOW, type FlowIndex } from './flow-table/flow.ts';
import type { FlowTable } from './flow-table/flow-table.ts';

/** Takes the frames that leave. It lets none in, and changes no flow, before it has returned. */
export interface FrameSink {
  /**
   * @param bytes holds the frame from 0 to `length`; good until the call returns
   * @param wireLength octets on the wire; more than `length` when the capture cut the frame
   * @param packet the number of the packet it is a copy of
   * @param tunnel the way to the port's host, when that is another one; good until the call returns
   */
  frameOut(
    port: PortId,
    bytes: Uint8Array,
    length: number,
    wireLength: number,
    packet: number,
    tunnel: Tunnel | undefined,
  ): void;
}

/** Room for the largest frame, and for the tags that devices may push. */
const SCRATCH_BYTES = 1 << 19;

/**
 * The fast path: frame in, flow key, flow table, actions, frames out. No actor, promise or object on a hit.
 */
export class Datapath {
  readonly #flows: FlowTable<FlowActions>;
  readonly #sink: FrameSink;
  readonly #scratch = new Uint8Array(SCRATCH_BYTES);
  readonly #output = new StoredOutput();
  /** The key of the frame received last, for whoever takes over on a miss. */
  readonly words = new Uint32Array(KEY_WORDS);
  readonly layers = new Layers();
  /** The flow that served the frame received last; {@link NO_FLOW} on a miss. */
  servedBy: FlowIndex | typeof NO_FLOW = NO_FLOW;
  /** Which copy of a packet is leaving: the place of its output among the actions. */
  copy = 0;
  /** Packets that a flow answered. */
  hits = 0;

  constructor(flows: FlowTable<FlowActions>, sink: FrameSink) {
    this.#flows = flows;
    this.#sink = sink;
  }

  /**
   * Lets a frame in: what a flow says of it is done at once.
   *
   * @returns what became of it; undefined on a miss, with {@link words} and {@link layers} filled
   */
  receive(bytes: Uint8Array, wireLength: number, port: PortId, now: Millis, packet: number): Outcome | undefined {
    const { words, layers } = this;
    extract(bytes, bytes.length, wireLength, port, words, layers);
    const flow = this.#flows.lookup(words, 0, layers.ipLength, now);
    this.servedBy = flow;
    if (flow === NO_FLOW) return undefined;
    this.hits++;
    this.#flows.hit(flow, wireLength);
    const { actionWords } = this.#flows;
    const at = this.#flows.actionsAt(flow);
    let next = firstOutput(at);
    const copies = countOutputs(actionWords, at);
    for (let copy = 0; copy < copies; copy++) {
      this.copy = copy;
      next = this.#output.read(actionWords, next);
      this.#send(this.#output, bytes, wireLength, layers, packet);
    }
    return outcomeAt(actionWords, at);
  }

  /** Does with one packet what its simulation came to; fragments what is too big for its way (RFC 791, section 3.2). */
  carryOut(actions: FlowActions, frame: Frame, packet: number): void {
    const { bytes, wireLength, layers } = frame;
    for (const [copy, output] of actions.outputs.entries()) {
      this.copy = copy;
      if (layers.ipLength <= output.mtu) {
        this.#send(output, bytes, wireLength, layers, packet);
        continue;
      }
      for (const piece of fragmentFrame(bytes, bytes.length, layers, output.mtu)) {
        extract(piece, piece.length, piece.length, output.port, this.words, this.layers);
        this.#send(output, piece, piece.length, this.layers, packet);
      }
    }
  }

  #send(output: Sending, bytes: Uint8Array, wireLength: number, layers: Layers, packet: number): void {
    if (output.rewrite === undefined) {
      this.#sink.frameOut(output.port, bytes, bytes.length, wireLength, packet, output.tunnel);
      return;
    }
    const length = applyRewrite(output.rewrite, bytes, bytes.length, layers, this.#scratch, 0);
    this.#sink.frameOut(output.port, this.#scratch, length, wireLength + length - bytes.length, packet, output.tunnel);
  }
}
