// Reports for tests: a home behind a router, but for what is said.
import type { BehaviourReport } from '../../../../nat/index.ts';

export function reportOf(changes: Partial<BehaviourReport> = {}): BehaviourReport {
  return {
    local: { address: '192.168.1.2', port: 40_123 },
    mapped: { address: '203.0.113.9', port: 51_234 },
    servers: [{ address: '198.51.100.1', port: 3478 }],
    roundTripMs: 40,
    isBehindNat: true,
    mapping: 'endpoint-independent',
    isMappingStable: true,
    filtering: 'address-and-port-dependent',
    isFilteredByPort: true,
    hairpinning: false,
    portPreservation: true,
    lifetime: null,
    doubts: { lifetime: 'not-measured' },
    ...changes,
  };
}
