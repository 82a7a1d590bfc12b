import { expect, test } from 'vitest';
import { SecureChannel } from '../../../../softphone/secure/channel.ts';
import { SecureLink } from '../../../../softphone/secure/secure-link.ts';
import { SecuredCall } from '../../../../softphone/secure/secured-call.ts';
import { FakeRuntime } from '../fake-runtime.ts';
import { FakeLinkPeer } from './fake-link-peer.ts';
import { FakePackageChannel } from './fake-package-channel.ts';

function callWith(channel: FakePackageChannel): SecuredCall {
  const runtime = new FakeRuntime();
  const peer = new FakeLinkPeer('first');
  peer.channels = [new SecureChannel(channel, (act) => act())];
  const link = new SecureLink(runtime, { peer, open: async () => peer });
  return new SecuredCall(runtime, link, {
    handleLine: () => {},
    handleChannel: () => {},
    handleConnected: () => {},
    handleFailure: () => {},
  });
}

test('a line that is typed before the chat has its channel is said when that opens, once', async () => {
  const channel = new FakePackageChannel({ label: 'chat', isOpen: false });
  const call = callWith(channel);
  expect(call.sendChat('hello?')).toBe(true);
  expect(channel.sent).toEqual([]);
  channel.open();
  await Promise.resolve();
  await Promise.resolve();
  call.sendChat('are you there?');
  expect(channel.sent).toEqual(['hello?', 'are you there?']);
});

test('what is said over a channel that is open is said once', async () => {
  const channel = new FakePackageChannel({ label: 'chat' });
  const call = callWith(channel);
  call.sendChat('hello?');
  await Promise.resolve();
  await Promise.resolve();
  expect(channel.sent).toEqual(['hello?']);
});
