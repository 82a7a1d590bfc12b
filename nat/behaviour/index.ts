// What a NAT does (RFC 4787), found out by asking servers (RFC 5780).
export { type AlternateEndpoints, endpointAt, SERVER_SOCKETS, type ServerSocket } from './alternates.ts';
export {
  type BehaviourAnswer,
  type BehaviourAsker,
  type BehaviourCounters,
  BehaviourResponder,
  type BehaviourResponderOptions,
} from './behaviour-responder.ts';
export {
  addChangeRequest,
  addResponsePort,
  type ChangeRequest,
  changeRequestOf,
  responsePortOf,
} from './change-request.ts';
export { type DiscoverBehaviourOptions, discoverBehaviour } from './discover-behaviour.ts';
export { BehaviourDiscovery, type BehaviourDiscoveryOptions, type BehaviourEvent } from './discovery.ts';
export {
  AGING_SOCKETS,
  LIFETIME_SOCKETS,
  type LifetimeEvent,
  LifetimeSearch,
  type LifetimeSearchOptions,
  MAX_AGE_MS,
} from './lifetime-search.ts';
export { DISCOVERY_SOCKETS, type DiscoveryPhase } from './plan.ts';
export type { ProbeDatagram, ProbeSocket } from './prober.ts';
export { canConnect, type NatKind, type Reachability, reachabilityOf } from './reachability.ts';
export type * from './types.ts';
export {
  type FilterTrial,
  type FilterVerdict,
  filteringOf,
  type MappingSight,
  type MappingVerdict,
  mappingOf,
} from './verdict.ts';
