import type { PacketOrigin } from '../../datapath/trace/packet-trace.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import type { Agent } from '../agent.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { Hosts } from './hosts.ts';
import type { InputStream } from './input-stream.ts';
import { playedFrame } from './played-frame.ts';
import type { FrameIn, ReplayListener } from './replay-listener.ts';
import type { Segments } from './segments.ts';
import type { StationFrame, StationPlace } from './station-place.ts';

/** Whether the story of a packet is wanted. */
export type WantsStory = (packet: number, bytes: Uint8Array, wireLength: number) => boolean;

/** What frames meet on their way in. */
interface EntranceParts {
  readonly agent: Agent;
  readonly time: VirtualTime;
  readonly hosts: Hosts;
  readonly stations: StationPlace;
  readonly segments: Segments;
  readonly listener: ReplayListener;
  readonly wantsStory: WantsStory | undefined;
}

/** Where frames enter the network of a run: those of captures, and those of stations. */
export class Entrance {
  readonly #parts: EntranceParts;

  constructor(parts: EntranceParts) {
    this.#parts = parts;
  }

  /** Lets the next frame of a capture in; returns the number of the packet, or undefined when it does not enter. */
  play(stream: InputStream): number | undefined {
    const { segments, stations, listener } = this.#parts;
    const { input, number, next } = stream;
    if (next === undefined) return undefined;
    const { frame } = next;
    const played = playedFrame(stream, frame, segments);
    if (typeof played === 'string') {
      listener.unplayed(number, played, 1);
      return undefined;
    }
    const { port, bytes, speaker, isElse } = played;
    if (speaker !== undefined) stations.spoken(port, speaker);
    const origin: PacketOrigin = { kind: 'capture', file: input.name, frame: frame.index };
    return this.#enter(port, bytes, frame.wireLength, origin, { input: number, frame: frame.index, isElse });
  }

  /** Lets in what a station says, at the port where it is plugged in now. */
  say({ station, bytes, because }: StationFrame): void {
    const port = this.#parts.stations.portOf(station);
    if (port === undefined) return;
    this.#enter(port, bytes, bytes.length, { kind: 'station', station: station.name, because }, undefined);
  }

  #enter(port: Uuid, bytes: Uint8Array, wireLength: number, origin: PacketOrigin, source: FrameIn['source']): number {
    const { agent, time, hosts, listener, wantsStory } = this.#parts;
    const packet = agent.nextPacket();
    listener.frameIn({ packet, at: time.instant, port, bytes, wireLength, source });
    const arrival = { packet, bytes, wireLength, port: agent.portOf(port) };
    const isTold = wantsStory?.(packet, bytes, wireLength) === true;
    const refusal = hosts.refusalIn(port);
    if (refusal === undefined) {
      agent.receive({ ...arrival, ...(isTold && { story: origin }) });
    } else {
      if (isTold) listener.traced(agent.refused(arrival, origin, refusal));
      listener.ended(packet, { kind: 'dropped', reason: refusal }, 0);
    }
    return packet;
  }
}
