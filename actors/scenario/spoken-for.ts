import { readCapture } from '../../datapath/capture/capture-file.ts';
import { readMac } from '../../simulation/packet/arp.ts';
import type { Mac } from '../../topology/model/mac.ts';
import { isCaptureFault, type Reading } from './input-stream.ts';
import { ETHERNET_HEADER } from './played-frame.ts';
import type { Scenario } from './scenario.ts';
import type { Segments } from './segments.ts';
import type { StationPlace } from './station-place.ts';

/**
 * Tells stations, before a run begins, for whom its captures will speak: who is played as recorded keeps silent from the start, and
 * where an adapted capture is played, the gateways that routers expect there are at home.
 *
 * @param reading its signal ends it
 */
export async function hearCaptures(
  scenario: Scenario,
  stations: StationPlace,
  segments: Segments,
  reading: Reading,
): Promise<void> {
  await silencePlayed(scenario, stations, reading);
  implyGateways(scenario, stations, segments);
}

/** Finds the stations whose MAC a capture plays as recorded. */
async function silencePlayed(
  scenario: Scenario,
  stations: StationPlace,
  { readCapture: read = readCapture, ...options }: Reading,
): Promise<void> {
  const macs = new Set(scenario.stations.map(({ mac }) => mac));
  const kept = scenario.inputs.filter(({ l2 }) => l2 === 'keep');
  if (macs.size === 0) return;
  await Promise.all(
    kept.map(async ({ path }) => {
      try {
        for await (const frames of read(path, options)) {
          if (options.signal?.aborted === true) return;
          for (const { bytes } of frames) {
            if (bytes.length < ETHERNET_HEADER) continue;
            const source = readMac(bytes, 6);
            if (macs.has(source)) stations.played(source);
          }
        }
      } catch (cause) {
        if (options.signal?.aborted === true) return;
        if (!isCaptureFault(cause)) throw cause; // the run itself meets the fault again, and tells it
      }
    }),
  );
}

function implyGateways({ inputs }: Scenario, stations: StationPlace, segments: Segments): void {
  const known = new Set<Mac>();
  for (const { l2, selectors, otherwise } of inputs) {
    if (l2 !== 'adapt') continue;
    const ports = [...selectors.map(({ port }) => port), ...(otherwise === undefined ? [] : [otherwise])];
    for (const port of ports) {
      for (const gateway of segments.gatewaysAt(port)) {
        if (!known.has(gateway.mac)) stations.spoken(port, gateway);
        known.add(gateway.mac);
      }
    }
  }
}
