// Via at the receiving end: where a request really came from, and where its response goes.
import { addressFamily, formatHost } from '../../core/index.ts';
import type { Via } from '../message/index.ts';
import type { Flow } from './types.ts';

/** RFC 3261 §18.2.2 and §19.1.2. */
export const DEFAULT_SIP_PORT = 5060;

/**
 * The Via of a received request with the source written into it (RFC 3261 §18.2.1, RFC 3581 §4).
 *
 * @returns the same object where nothing is to be added
 */
export function viaWithSource(via: Via, source: Flow): Via {
  const { address, port } = source.remote;
  const wantsPort = via.parameters.has('rport');
  // RFC 3581 §4: with rport, received is added even where it says nothing new. A value of the peer's is not believed.
  if (!wantsPort && !via.parameters.has('received') && via.host === formatHost(address)) return via;
  const parameters = new Map(via.parameters);
  parameters.set('received', address);
  if (wantsPort) parameters.set('rport', String(port));
  return { ...via, parameters };
}

/**
 * Where the response to a request goes. Always to the address the request came from: a Via that names a multicast,
 * broadcast or somebody else's address is never followed, so nobody can be made a target through us.
 *
 * @param via - topmost Via of the request
 * @param source - the flow on which it came
 */
export function responseDestination(via: Via, source: Flow): Flow {
  // RFC 3261 §18.2.2: over a connection, the response goes back over the same one.
  if (source.protocol !== 'udp') return source;
  // RFC 3581 §4: with rport, to the port the request came from.
  if (via.parameters.has('rport')) return source;
  // RFC 3261 §18.2.2: otherwise to the port of sent-by. Port 0 cannot be sent to.
  const port = via.port || DEFAULT_SIP_PORT;
  if (port === source.remote.port) return source;
  return { ...source, remote: { address: source.remote.address, port } };
}

/** A host as Via and URIs have it, IPv6 in brackets. */
export function isNumericHost(host: string): boolean {
  return addressFamily(unbracketed(host)) !== undefined;
}

/** `[2001:db8::1]` → `2001:db8::1`; everything else as it is. */
export function unbracketed(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
