// An association that does nothing by itself, and notes what it is told.
import type { LinkPeer } from '../../../../softphone/secure/secure-link.ts';

export class FakeLinkPeer implements LinkPeer {
  readonly description: LinkPeer['description'];
  readonly local = { address: '192.0.2.7', port: 4000 };
  channels: LinkPeer['channels'] = [];
  readonly accepted: string[] = [];
  readonly sent: Uint8Array[] = [];
  onPacket: LinkPeer['onPacket'];
  onChannel: LinkPeer['onChannel'];
  onConnected: LinkPeer['onConnected'];
  onLost: LinkPeer['onLost'];
  onFailure: LinkPeer['onFailure'];
  isClosed = false;
  /** Of the certificate that DTLS has seen. */
  fingerprint = '25:A6';

  constructor(name: string) {
    const origin = { username: '-', sessionId: '1', version: '1', address: '192.0.2.7' };
    this.description = { origin, sessionName: name, attributes: [], media: [] };
  }

  get facts(): LinkPeer['facts'] {
    return {
      fingerprint: this.fingerprint,
      ownFingerprint: undefined,
      selected: undefined,
      connectedAt: undefined,
      changes: 0,
    };
  }

  accept(sdp: string): void {
    this.accepted.push(sdp);
  }

  sendPacket(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }

  close(): void {
    this.isClosed = true;
  }
}
