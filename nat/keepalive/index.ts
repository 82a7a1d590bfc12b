// Flows kept alive through NATs (RFC 5626 §3.5, §4.4).
export {
  KeepAliveInterval,
  type KeepAliveIntervalOptions,
  LONGEST_KEEP_ALIVE_MS,
  SHORTEST_KEEP_ALIVE_MS,
  TCP_KEEP_ALIVE_MS,
  UDP_KEEP_ALIVE_MS,
} from './keep-alive-interval.ts';
export { type FlowVerdict, StunKeepAlive, type StunKeepAliveOptions } from './stun-keep-alive.ts';
