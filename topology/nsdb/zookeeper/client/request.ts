import jute, { type Request } from 'node-zookeeper-client/lib/jute/index.js';

/** Which request one is, as it stands on the wire. */
export const OPCODE = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getAcl: 6,
  setAcl: 7,
  sync: 9,
  getChildren2: 12,
  check: 13,
  multi: 14,
  setWatches: 101,
  error: -1,
} as const;

/** A request that the library can send; its number is put in when it is. */
export function requestOf(opcode: number, payload: object): Request {
  return new jute.Request(new jute.protocol.RequestHeader(0, opcode), payload);
}
