// Kamailio's capture module, written by who made HEP, reads what we send to Homer.
import { expect, test } from 'vitest';
import { createServer, MemoryStore } from '../../../server/index.ts';
import { createSoftphone } from '../../../softphone/index.ts';
import { findFreePorts } from '../../support/peers/free-port.ts';
import { startKamailioCapture } from '../../support/peers/kamailio-capture.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';

test.skipIf(missingPeer('kamailio'))(
  'Kamailio reads addresses, ports, time and call of SIP sent and received',
  async () => {
    const capture = await startKamailioCapture();
    const port = await findFreePorts(1);
    const server = await createServer({
      store: new MemoryStore(),
      log: 'silent',
      // On every interface: the packets have to name one all the same.
      sip: { udp: `0.0.0.0:${port}`, tcp: 'off' },
      media: { workers: 1 },
      hep: { address: `127.0.0.1:${capture.port}`, captureId: 4711, password: 'capture' },
    });
    const phone = await createSoftphone({ localAddress: '127.0.0.1' });
    try {
      const before = Math.floor(Date.now() / 1000);
      expect((await phone.ping(`sip:127.0.0.1:${port}`, { timeoutMs: 5000 })).status).toBe(200);
      const phoneAt = `127.0.0.1 ${phone.local.port}`;
      const [serverAt, rest] = [`127.0.0.1 ${port}`, String.raw`id 4711 call (\w+) at (\d+) (\d+)`];
      const [, asked, second, microsecond] = await capture.waitForLog(
        new RegExp(`hep 3 1 from ${phoneAt} to ${serverAt} ${rest}`),
      );
      const [, answered] = await capture.waitForLog(
        new RegExp(`hep 3 1 from ${serverAt} to ${phoneAt} ${rest}`),
      );
      expect(answered).toBe(asked);
      expect(Number(second)).toBeGreaterThanOrEqual(before);
      expect(Number(second)).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000));
      expect(Number(microsecond)).toBeLessThan(1_000_000);
    } finally {
      await phone.close();
      await server.close();
      await capture.stop();
    }
  },
);
