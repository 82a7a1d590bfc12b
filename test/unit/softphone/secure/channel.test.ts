import { describe, expect, test } from 'vitest';
import { type PackageChannel, SecureChannel } from '../../../../softphone/secure/channel.ts';

/** As the package has it: it throws where a message is longer than the far end says that it takes. */
class FakePackageChannel implements PackageChannel {
  readonly sent: (string | Uint8Array)[] = [];
  #isOpen = true;
  #onClosed = () => {};

  getLabel = () => 'file';
  isOpen = () => this.#isOpen;
  maxMessageSize = () => 5;
  bufferedAmount = () => 0;
  setBufferedAmountLowThreshold = () => {};
  sendMessage = (message: string) => this.#send(message);
  sendMessageBinary = (bytes: Uint8Array) => this.#send(bytes);
  onBufferedAmountLow = () => {};
  onMessage = () => {};
  onError = () => {};
  onOpen = () => {};

  onClosed(listener: () => void): void {
    this.#onClosed = listener;
  }

  close(): void {
    this.#isOpen = false;
    queueMicrotask(() => this.#onClosed());
  }

  #send(message: string | Uint8Array): boolean {
    if (message.length > this.maxMessageSize()) throw new Error('Message size exceeds limit');
    this.sent.push(message);
    return true;
  }
}

describe('SecureChannel', () => {
  test.each([
    { name: 'a text', message: 'longer than five' },
    { name: 'data', message: new Uint8Array(6) },
  ])('ends where $name is longer than the far end takes, and nothing is thrown', async ({ message }) => {
    const fake = new FakePackageChannel();
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
