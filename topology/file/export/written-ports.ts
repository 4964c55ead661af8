import { formatMac, parseMac } from '../../model/mac.ts';
import type { Port } from '../../model/objects/port.ts';
import { identityOf } from '../identity.ts';
import { macOfName } from '../named-ids.ts';
import type { BridgePortSpec, RouterPortSpec } from '../topology-schema.ts';
import { addressOf, type Survey } from './survey.ts';
import { writtenBindings, type WrittenBindings } from './written-bindings.ts';
import { writtenLinks, type WrittenLinks } from './written-links.ts';

/** Writes what a file says of ports. */
export class PortWriter {
  readonly links: WrittenLinks;
  readonly bindings: WrittenBindings;
  readonly #survey: Survey;

  constructor(survey: Survey) {
    this.#survey = survey;
    this.links = writtenLinks(survey);
    this.bindings = writtenBindings(survey, this.links.linked);
  }

  bridgePort(port: Port): BridgePortSpec {
    const { vlanId } = port;
    return { ...this.#placeOf(port), ...(vlanId !== undefined && { vlan: vlanId }), ...this.#restOf(port, 'bridges') };
  }

  /** @param isPlain whether its address does not bring along its routes */
  routerPort(port: Port, isPlain: boolean): RouterPortSpec {
    const { id, portMac, portAddress, portSubnet } = port;
    const address = addressOf(port);
    const mac = parseMac(portMac ?? '');
    const isDerived = mac === undefined || mac === macOfName(this.#survey.nameOf(id));
    if (address === undefined && (portAddress !== undefined || portSubnet !== undefined)) {
      this.#survey.note(`port ${this.#survey.nameOf(id)}: its address is left out, as it is not one in one subnet`);
    }
    return {
      ...(address !== undefined && { address: address.text }),
      ...(isPlain && { addressRoutes: false }),
      ...(!isDerived && { mac: formatMac(mac) }),
      ...this.#placeOf(port),
      ...this.#restOf(port, 'routers'),
    };
  }

  #placeOf({ id, adminStateUp }: Port): BridgePortSpec & RouterPortSpec {
    const bind = this.bindings.texts.get(id);
    const link = this.links.texts.get(id);
    return {
      ...(!adminStateUp && { up: false }),
      ...(bind !== undefined && { bind }),
      ...(link !== undefined && { link }),
    };
  }

  #restOf(port: Port, section: 'bridges' | 'routers'): BridgePortSpec & RouterPortSpec {
    const { id, mtu, portGroupIds = [] } = port;
    const survey = this.#survey;
    const groups = portGroupIds.filter((group) => survey.isNamed(group));
    if (groups.length < portGroupIds.length) {
      survey.note(`port ${survey.nameOf(id)}: a port group is left out, as it is not there`);
    }
    const name = survey.portName(id);
    return {
      ...(mtu !== undefined && { mtu }),
      ...(groups.length > 0 && { groups: groups.map((group) => survey.nameOf(group)) }),
      ...identityOf(port, name, [section, survey.deviceName(port), 'ports', name]),
    };
  }
}
