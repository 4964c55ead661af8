import type { FlowActions } from '../datapath/flow-actions.ts';
import type { TraceOutput } from '../datapath/trace/packet-trace.ts';
import { formatRewrite } from '../simulation/packet/format-field.ts';
import { describeFrame } from '../simulation/packet/format-packet.ts';
import { fragmentFrame } from '../simulation/packet/fragment.ts';
import type { Frame } from '../simulation/packet/frame.ts';
import { applyRewrite, type Rewrite } from '../simulation/packet/rewrite.ts';
import type { Directory } from './directory.ts';
import { frameOf } from './frame-of.ts';

/** The frames that leave when these actions are carried out with one that came, as the datapath makes them. */
export function traceOutputs({ outputs }: FlowActions, frame: Frame, directory: Directory): readonly TraceOutput[] {
  return outputs.flatMap(({ port, rewrite, mtu }) => {
    const name = directory.nameOf(port);
    const rewrites = rewrite === undefined ? [] : formatRewrite(rewrite, frameOf(frame.bytes).words);
    return piecesOf(frame, mtu).map((piece, n, { length }) => {
      const out = rewrite === undefined ? piece.bytes : rewritten(piece, rewrite);
      const fragment = length > 1 ? { fragment: n + 1 } : {};
      return { port: name, rewrites, summary: describeFrame(frameOf(out)), frame: hexOf(out), ...fragment };
    });
  });
}

/** The frames that go a way of this MTU in place of one. */
function piecesOf(frame: Frame, mtu: number): readonly Frame[] {
  const { bytes, layers } = frame;
  if (layers.ipLength <= mtu) return [frame];
  return fragmentFrame(bytes, bytes.length, layers, mtu).map((piece) => frameOf(piece));
}

/** Octets that devices may add: VLAN tags. */
const MOST_ADDED = 16;

/** The octets of a frame after a rewrite. */
export function rewritten({ bytes, layers }: Frame, rewrite: Rewrite): Uint8Array {
  const out = new Uint8Array(bytes.length + MOST_ADDED);
  return out.subarray(0, applyRewrite(rewrite, bytes, bytes.length, layers, out, 0));
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
