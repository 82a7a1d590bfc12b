// What the transports count.

export interface TransportCounters {
  /** SIP messages that came, malformed ones included. */
  received: number;
  /** SIP messages that left. */
  sent: number;
  /** Messages that could not be parsed. */
  malformed: number;
  /** Keep-alives: CRLF over connections, small datagrams over UDP. */
  keepAlives: number;
  /** Datagrams that are something else than SIP. */
  nonSip: number;
  /** Responses whose Via is not one of ours. */
  foreignResponses: number;
  /** Messages that could not leave: connection gone or its peer too slow. */
  unsendable: number;
  /** Datagrams that the kernel could not send or deliver. */
  socketErrors: number;
  /** Connections that were turned away by a limit. */
  connectionsRefused: number;
  /** Connections that were closed for silence, or for a message that never ended. */
  connectionsExpired: number;
}

export function newTransportCounters(): TransportCounters {
  return {
    received: 0,
    sent: 0,
    malformed: 0,
    keepAlives: 0,
    nonSip: 0,
    foreignResponses: 0,
    unsendable: 0,
    socketErrors: 0,
    connectionsRefused: 0,
    connectionsExpired: 0,
  };
}
