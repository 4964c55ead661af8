import type { Brand } from './brand.ts';

/** A 128-bit identifier in its canonical text: 36 lower-case characters. The name of an object in the NSDB. */
export type Uuid = Brand<string, 'Uuid'>;

/**
 * A virtual device within one agent: bridge, router, port, chain, load balancer.
 *
 * Small integers handed out in order of first meeting, so that flow keys, tags and maps hold numbers. They mean nothing outside
 * the agent and nothing after it: what is stored or shown carries the {@link Uuid} or the name.
 */
export type DeviceId = Brand<number, 'DeviceId'>;

/** A virtual port: a device like the others, from the same sequence of numbers. */
export type PortId = DeviceId & Brand<number, 'PortId'>;

const TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Reads a UUID in its canonical text, of either case; undefined if the text is anything else. */
export function parseUuid(text: string): Uuid | undefined {
  return TEXT.test(text) ? (text.toLowerCase() as Uuid) : undefined;
}

/** The n-th device met by an agent. */
export function deviceIdOf(n: number): DeviceId {
  return n as DeviceId;
}

/** The n-th device met by an agent, when it is a port. */
export function portIdOf(n: number): PortId {
  return n as PortId;
}
