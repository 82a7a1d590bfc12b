// Whoever listens to a party besides its peer.

/** Hears what the party sends. It must not throw, and copies what it keeps. */
export interface PacketTap {
  /**
   * @param packet - RTP, whose payload begins at `offset`; only read
   * @param isCopy - whether a later packet carried it (RFC 2198)
   */
  handlePacket(now: number, packet: Uint8Array, offset: number, isCopy: boolean): void;
}
