import { someOf } from '../topology.ts';
import { derivePort } from './declare-devices.ts';
import { atPlace, deviceNamed, type Draft, type DraftPort, type FilePath } from './draft.ts';

/** Joins ports as `link` at ports, and `links`, say; adds the ports of bridges that are linked to as a whole. */
export function joinLinks(draft: Draft): void {
  for (const port of draft.allPorts) {
    if (port.spec.link === undefined) continue; // derived ports too, which join the list on the way
    const path = [...port.path, 'link'];
    const peer = endpointOf(draft, port.spec.link, port, path);
    if (peer === undefined) port.linkIsBroken = true;
    else join(draft, port, peer, draft.source.valueAt(path));
  }
  for (const [index, [left = '', right = '']] of (draft.file.links ?? []).entries()) {
    const path = ['links', index];
    const near = portOf(draft, left, [...path, 0]);
    const far = portOf(draft, right, [...path, 1]);
    if (near !== undefined && far !== undefined) join(draft, near, far, draft.source.valueAt(path));
    else for (const port of [near, far]) if (port !== undefined) port.linkIsBroken = true;
  }
}

/** The port that a link leads to: the one named, or a new one of the bridge named. */
function endpointOf(draft: Draft, text: string, from: DraftPort, path: FilePath): DraftPort | undefined {
  const device = deviceNamed(draft, text);
  if (device === undefined) return portOf(draft, text, path);
  const at = draft.source.valueAt(path);
  if (device === from.device) {
    draft.problems.error(at, { code: 'self-link', what: `${from.fullName} is linked to its own ${device.kind}` });
    return undefined;
  }
  if (device.kind === 'router') {
    const what = `"${text}" is a router`;
    const expected = `a port of it, written out under "${text}" and named here as ${text}:PORT`;
    draft.problems.error(at, { code: 'link-to-router', what, expected });
    return undefined;
  }
  const taken = draft.ports.portOf(device.name, `${from.device.name}.${from.name}`);
  if (taken === undefined) return derivePort(draft, device, from, path);
  const what = `the port that this link asks for is written out already${atPlace(draft, draft.source.keyAt(taken.path))}`;
  draft.problems.error(at, { code: 'port-exists', what, expected: `"link: ${taken.fullName}"` });
  return undefined;
}

/** The port of this name, with or without its device; undefined, and told, where there is none or there are several. */
function portOf(draft: Draft, text: string, path: FilePath): DraftPort | undefined {
  const found = draft.ports.resolve(text);
  const at = draft.source.valueAt(path);
  if (found.kind === 'found') return found.port;
  if (found.kind === 'ambiguous') {
    const what = `several ports are called "${text}"`;
    draft.problems.error(at, { code: 'ambiguous-name', what, expected: `one of ${someOf(found.known)}` });
  } else if (found.kind === 'no-device') {
    draft.dangling.note('bridge or router', found.device, at, () => draft.ports.devices());
  } else if (text.includes(':')) {
    draft.dangling.note('port', text, at, () => draft.ports.fullNamesOf(found.device));
  } else {
    tellUnknown(draft, text, at);
  }
  return undefined;
}

function tellUnknown(draft: Draft, text: string, at: number | undefined): void {
  if (deviceNamed(draft, text) !== undefined) {
    const what = `"${text}" is a device`;
    draft.problems.error(at, { code: 'device-not-port', what, expected: `a port, as ${text}:PORT` });
    return;
  }
  draft.dangling.note('port or device', text, at, () => [...draft.ports.devices(), ...draft.ports.bareNames()]);
}

function join(draft: Draft, left: DraftPort, right: DraftPort, at: number | undefined): void {
  if (left.link?.peer === right) return; // said from both ends
  if (left.device === right.device) {
    const what =
      left === right
        ? `${left.fullName} is linked to itself`
        : `${left.fullName} is linked to its own ${left.device.kind}`;
    draft.problems.error(at, { code: 'self-link', what });
    return;
  }
  for (const port of [left, right]) {
    if (port.link === undefined) continue;
    const what = `${port.fullName} is linked already, to ${port.link.peer.fullName}${atPlace(draft, port.link.at)}`;
    draft.problems.error(at, { code: 'linked-twice', what, expected: 'one link at a port' });
    return;
  }
  left.link = { peer: right, at };
  right.link = { peer: left, at };
}
