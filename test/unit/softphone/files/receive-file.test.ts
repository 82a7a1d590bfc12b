import { expect, test } from 'vitest';
import { receiveFile } from '../../../../softphone/files/receive-file.ts';
import type { Inbox, MessageChannel } from '../../../../softphone/files/types.ts';
import { FakeRuntime } from '../fake-runtime.ts';

test('a sender is not told in which folder its file could not be written', async () => {
  const runtime = new FakeRuntime();
  const sent: string[] = [];
  const channel: MessageChannel = {
    label: 'file',
    maxMessageBytes: 65_536,
    bufferedBytes: 0,
    send: (message) => void sent.push(String(message)),
    onMessage: undefined,
    onLow: undefined,
    onClosed: undefined,
    close: () => {},
  };
  const inbox: Inbox = {
    open: async () => {
      throw Object.assign(new Error("EACCES: permission denied, open '/home/bob/secret/x.part'"), {
        code: 'EACCES',
      });
    },
  };
  const receiving = receiveFile(runtime, { channel, inbox, from: 'sip:alice@example' });
  channel.onMessage?.(JSON.stringify({ type: 'offer', version: 1, name: 'a', sizeBytes: 1, modifiedMs: 0 }));
  await runtime.advance(6000);
  expect(await receiving).toMatchObject({ kind: 'failed', reason: 'writeFailed' });
  expect(sent.join()).toContain('EACCES');
  expect(sent.join()).not.toContain('/home');
});
