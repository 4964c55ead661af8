/** Every class of object in the network state database (spec 10 §1). */
const CLASSES = [
  'BgpNetwork',
  'BgpPeer',
  'Chain',
  'Dhcp',
  'DhcpV6',
  'HealthMonitor',
  'Host',
  'HostGroup',
  'IPAddrGroup',
  'IpsecConnection',
  'L2Insertion',
  'LoadBalancer',
  'LoggingResource',
  'Mirror',
  'Network',
  'Pool',
  'PoolMember',
  'Port',
  'PortGroup',
  'QosBandwidthLimitRule',
  'QosDscpRule',
  'QosPolicy',
  'Route',
  'Router',
  'Rule',
  'RuleLogger',
  'ServiceContainer',
  'ServiceContainerGroup',
  'TraceRequest',
  'TunnelZone',
  'Vip',
  'VpnService',
  'Vtep',
] as const;

/** The name of a class of objects. */
export type ClassName = (typeof CLASSES)[number];

/**
 * How the two ends of a reference are kept.
 *
 * - `one`: a field of the object holds the id of the partner, or is absent
 * - `list`: a field of the object holds the ids of the partners, in an order that means something
 * - `index`: nothing in the object: each partner is an entry of its own beside it, so that ten thousand ports of one bridge are
 *   ten thousand small things and not one large one. Read and observed as the object's referrers, ids ascending
 */
type Holding = 'one' | 'list' | 'index';

/**
 * What deleting the object at this end does to its partners (spec 10 §2).
 *
 * - `clear`: the id is removed from the partner
 * - `cascade`: the partner is deleted too
 * - `error`: the deletion is refused while there is a partner
 * - `leave`: the partner keeps an id that leads nowhere
 */
type OnDelete = 'clear' | 'cascade' | 'error' | 'leave';

/** One end of a binding: a field that names the partners of an object, and what becomes of these. */
export interface BindingEnd {
  readonly class: ClassName;
  readonly field: string;
  readonly holding: Holding;
  readonly onDelete: OnDelete;
}

/**
 * Two fields that are each other's reverse: the store keeps them so. At most one end is an `index`; where neither is, writing
 * either end edits the other. A binding of a field with itself is symmetric (`Port.peerId`).
 */
export type Binding = readonly [BindingEnd, BindingEnd];

/**
 * Every reference of the model (spec 10 §2).
 *
 * | what | how | why |
 * |---|---|---|
 * | `Port.peerId` | a field at both ends | each port must know its peer; symmetric |
 * | `Rule.chainId`, `Chain.ruleIds` | fields at both ends | the order of rules is the chain's |
 * | `Router.loadBalancerId`, `Port.dhcpId`, `Port.serviceContainerId` and their reverses | fields at both ends | one to one |
 * | memberships and mirror lists (`portGroupIds`, `hostIds`, `inboundMirrorIds` ...) | a list where they are written, an index at the other end | the writer's order counts |
 * | `Rule.jumpChainId` | an index at the chain; deleting the chain leaves the rule | a jump that leads nowhere does nothing |
 * | all else | a field where it is written, an index at the other end | |
 *
 * Ids within other fields (a VTEP's bindings, the groups of a condition, a rule's transform data) bind nothing.
 */
export const BINDINGS: readonly Binding[] = [
  [one('Network', 'inboundFilterId'), index('Chain', 'networkInboundIds')],
  [one('Network', 'outboundFilterId'), index('Chain', 'networkOutboundIds')],
  [one('Network', 'qosPolicyId'), index('QosPolicy', 'networkIds')],
  [list('Network', 'inboundMirrorIds'), index('Mirror', 'networkInboundIds')],
  [list('Network', 'outboundMirrorIds'), index('Mirror', 'networkOutboundIds')],
  [one('Dhcp', 'networkId'), index('Network', 'dhcpIds', 'cascade')],
  [one('DhcpV6', 'networkId'), index('Network', 'dhcpv6Ids', 'cascade')],

  [one('Router', 'inboundFilterId'), index('Chain', 'routerInboundIds')],
  [one('Router', 'outboundFilterId'), index('Chain', 'routerOutboundIds')],
  [one('Router', 'localRedirectChainId'), index('Chain', 'routerRedirectIds')],
  [one('Router', 'forwardChainId'), index('Chain', 'routerForwardIds')],
  [one('Router', 'loadBalancerId', 'error'), one('LoadBalancer', 'routerId')],
  [list('Router', 'inboundMirrorIds'), index('Mirror', 'routerInboundIds')],
  [list('Router', 'outboundMirrorIds'), index('Mirror', 'routerOutboundIds')],
  [one('Route', 'routerId'), index('Router', 'routeIds', 'cascade')],
  [one('Route', 'nextHopPortId'), index('Port', 'routeIds', 'cascade')],
  [one('Route', 'gatewayDhcpId'), index('Dhcp', 'gatewayRouteIds', 'cascade')],
  [one('Route', 'ipsecSiteConnectionId'), index('IpsecConnection', 'routeIds', 'cascade')],
  [one('BgpNetwork', 'routerId'), index('Router', 'bgpNetworkIds', 'cascade')],
  [one('BgpPeer', 'routerId'), index('Router', 'bgpPeerIds', 'cascade')],
  [one('VpnService', 'routerId'), index('Router', 'vpnServiceIds', 'cascade')],
  [one('IpsecConnection', 'vpnServiceId'), index('VpnService', 'ipsecConnectionIds', 'cascade')],

  [one('Port', 'networkId'), index('Network', 'portIds', 'cascade')],
  [one('Port', 'routerId'), index('Router', 'portIds', 'cascade')],
  [one('Port', 'peerId'), one('Port', 'peerId')],
  [one('Port', 'hostId'), index('Host', 'portIds')],
  [one('Port', 'inboundFilterId'), index('Chain', 'portInboundIds')],
  [one('Port', 'outboundFilterId'), index('Chain', 'portOutboundIds')],
  [one('Port', 'l2InsertionInfilterId'), index('Chain', 'portL2InsertionInIds')],
  [one('Port', 'l2InsertionOutfilterId'), index('Chain', 'portL2InsertionOutIds')],
  [one('Port', 'qosPolicyId'), index('QosPolicy', 'portIds')],
  [one('Port', 'vtepId'), index('Vtep', 'portIds', 'error')],
  [one('Port', 'dhcpId'), one('Dhcp', 'routerIfPortId')],
  [one('Port', 'serviceContainerId', 'cascade'), one('ServiceContainer', 'portId')],
  [list('Port', 'portGroupIds'), index('PortGroup', 'portIds')],
  [list('Port', 'inboundMirrorIds'), index('Mirror', 'portInboundIds')],
  [list('Port', 'postInFilterMirrorIds'), index('Mirror', 'portPostInFilterIds')],
  [list('Port', 'preOutFilterMirrorIds'), index('Mirror', 'portPreOutFilterIds')],
  [list('Port', 'outboundMirrorIds'), index('Mirror', 'portOutboundIds')],
  [one('Mirror', 'toPortId'), index('Port', 'mirrorIds', 'cascade')],
  [one('L2Insertion', 'portId'), index('Port', 'insertionIds', 'cascade')],
  [one('L2Insertion', 'srvPortId'), index('Port', 'srvInsertionIds', 'cascade')],
  [one('Vip', 'gatewayPortId'), index('Port', 'vipIds', 'error')],
  [one('Rule', 'fipPortId'), index('Port', 'fipNatRuleIds', 'cascade')],

  [one('Rule', 'chainId'), list('Chain', 'ruleIds', 'cascade')],
  [one('Rule', 'jumpChainId'), index('Chain', 'jumpRuleIds', 'leave')],
  [one('RuleLogger', 'chainId'), index('Chain', 'loggerIds', 'cascade')],
  [one('RuleLogger', 'loggingResourceId'), index('LoggingResource', 'loggerIds', 'cascade')],
  [one('IPAddrGroup', 'inboundChainId'), index('Chain', 'ipAddrGroupInboundIds')],
  [one('IPAddrGroup', 'outboundChainId'), index('Chain', 'ipAddrGroupOutboundIds')],

  [one('TraceRequest', 'portId'), index('Port', 'traceRequestIds', 'cascade')],
  [one('TraceRequest', 'networkId'), index('Network', 'traceRequestIds', 'cascade')],
  [one('TraceRequest', 'routerId'), index('Router', 'traceRequestIds', 'cascade')],

  [one('Pool', 'loadBalancerId'), index('LoadBalancer', 'poolIds', 'cascade')],
  [one('Pool', 'healthMonitorId'), index('HealthMonitor', 'poolIds')],
  [one('PoolMember', 'poolId'), index('Pool', 'poolMemberIds', 'cascade')],
  [one('Vip', 'poolId'), index('Pool', 'vipIds', 'cascade')],

  [list('TunnelZone', 'hostIds'), index('Host', 'tunnelZoneIds')],
  [list('HostGroup', 'hostIds'), index('Host', 'hostGroupIds')],
  [one('Vtep', 'tunnelZoneId'), index('TunnelZone', 'vtepIds')],
  [one('ServiceContainer', 'serviceGroupId'), index('ServiceContainerGroup', 'serviceContainerIds', 'cascade')],
  [one('ServiceContainerGroup', 'hostGroupId'), index('HostGroup', 'serviceGroupIds')],
  [one('ServiceContainerGroup', 'portGroupId'), index('PortGroup', 'serviceGroupIds')],
  [one('QosBandwidthLimitRule', 'policyId'), index('QosPolicy', 'bandwidthLimitRuleIds', 'cascade')],
  [one('QosDscpRule', 'policyId'), index('QosPolicy', 'dscpMarkingRuleIds', 'cascade')],
];

/** A binding as seen from one of its ends. */
export interface Reference {
  readonly near: BindingEnd;
  readonly far: BindingEnd;
}

const BY_CLASS: ReadonlyMap<ClassName, readonly Reference[]> = byClass();

/** The references that objects of a class take part in, each from this class's end. */
export function referencesOf(cls: ClassName): readonly Reference[] {
  return BY_CLASS.get(cls) ?? [];
}

function byClass(): Map<ClassName, Reference[]> {
  const found = new Map<ClassName, Reference[]>(CLASSES.map((cls) => [cls, []]));
  for (const [a, b] of BINDINGS) {
    found.get(a.class)?.push({ near: a, far: b });
    if (a.class !== b.class || a.field !== b.field) found.get(b.class)?.push({ near: b, far: a });
  }
  return found;
}

function one(cls: ClassName, field: string, onDelete: OnDelete = 'clear'): BindingEnd {
  return { class: cls, field, holding: 'one', onDelete };
}

function list(cls: ClassName, field: string, onDelete: OnDelete = 'clear'): BindingEnd {
  return { class: cls, field, holding: 'list', onDelete };
}

function index(cls: ClassName, field: string, onDelete: OnDelete = 'clear'): BindingEnd {
  return { class: cls, field, holding: 'index', onDelete };
}
