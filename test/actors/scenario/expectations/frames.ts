import { parseUuid, type Uuid } from '../../../../topology/model/ids.ts';

export const PORT = uuid(1);
export const OTHER_PORT = uuid(2);
export const START = { seconds: 0, nanos: 0 };

const ETHERNET = '020000000002020000000001';

/** A frame without addresses of IP. */
export const LLDP = octets(`${ETHERNET}88cc00`);
/** 198.51.100.1 to 198.51.100.2, a later fragment: without ports. */
export const FRAGMENT = octets(`${ETHERNET}0800450000200001000140110000c6336401c6336402303900350008 0000`);
export const UDP = udpTo(53);

/** 198.51.100.1, port 12345, to 198.51.100.2. */
export function udpTo(port: number): Uint8Array {
  const ports = `3039${port.toString(16).padStart(4, '0')}`;
  return octets(`${ETHERNET}0800450000200001000040110000c6336401c6336402${ports}00080000`);
}

function uuid(n: number): Uuid {
  const id = parseUuid(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
  if (id === undefined) throw new TypeError(`no UUID: ${n}`);
  return id;
}

function octets(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}
