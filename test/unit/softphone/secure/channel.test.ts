import { describe, expect, test } from 'vitest';
import { SecureChannel } from '../../../../softphone/secure/channel.ts';
import { FakePackageChannel } from './fake-package-channel.ts';

describe('SecureChannel', () => {
  test.each([
    { name: 'a text', message: 'longer than five' },
    { name: 'data', message: new Uint8Array(6) },
  ])('ends where $name is longer than the far end takes, and nothing is thrown', async ({ message }) => {
    const fake = new FakePackageChannel({ maxMessageBytes: 5 });
    const channel = new SecureChannel(fake, (act) => act());
    let closed = 0;
    channel.onClosed = () => {
      closed += 1;
    };
    channel.send('short');
    channel.send(message);
    await channel.closed;
    channel.send('late');
    expect(fake.sent).toEqual(['short']);
    expect(closed).toBe(1);
  });
});
