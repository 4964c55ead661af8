import type { Uuid } from '../../model/ids.ts';
import { formatMac } from '../../model/mac.ts';
import { macOfName } from '../named-ids.ts';
import type { Derivation, Topology } from '../topology.ts';
import { followingRoutes } from './following-routes.ts';
import { Survey } from './survey.ts';

/** What of a topology a file would not have to say: MAC addresses that follow from names, routes that follow from addresses. */
export function derivationsOf(topology: Topology): ReadonlyMap<Uuid, readonly Derivation[]> {
  const survey = new Survey(topology);
  const derivations = new Map<Uuid, readonly Derivation[]>();
  for (const { id, portMac } of survey.ports.values()) {
    if (portMac === formatMac(macOfName(survey.nameOf(id)))) {
      derivations.set(id, [{ field: 'portMac', reason: 'from the name' }]);
    }
  }
  for (const { id } of survey.all('Router')) {
    for (const [route, port] of followingRoutes(survey, id).ports) {
      derivations.set(route, [{ reason: `from the address of ${survey.nameOf(port)}` }]);
    }
  }
  return derivations;
}
