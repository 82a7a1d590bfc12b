// The load generator proves itself before it proves us: sipp calls sipp.
import { describe, expect, it } from 'vitest';
import { missingPeer } from '../../support/peers/require-peer.ts';
import { sippCredentials, startSipp } from '../../support/peers/sipp.ts';

describe.skipIf(missingPeer('sipp'))('sipp with sipp', () => {
  it('makes 200 calls at once with RTP', async () => {
    const answering = await startSipp({ scenario: 'uas', calls: 200 });
    const calling = await startSipp({
      scenario: 'uac',
      remote: `127.0.0.1:${answering.port}`,
      calls: 200,
      rate: 100,
      durationMs: 4000,
      users: [['alice', sippCredentials('alice', 'secret'), 'bob']],
    });
    const called = await calling.result();
    const answered = await answering.result();
    expect(called).toMatchObject({ exitCode: 0, successful: 200, failed: 0, errors: '' });
    expect(answered).toMatchObject({ exitCode: 0, successful: 200, failed: 0 });
  });
});
