import { describe, expect, it } from 'vitest';
import { Emitter } from '../../../../core/index.ts';
import { answerHere, type Served } from '../../../../server/call/served.ts';
import {
  formatSdp,
  parseSdp,
  type SessionDescription,
  type SessionEvents,
} from '../../../../signaling/index.ts';
import { createWorld } from '../../../support/index.ts';

function sdpOf(direction: string, port = 4000): string {
  return [
    'v=0',
    'o=bob 1 1 IN IP4 192.0.2.7',
    's=-',
    'c=IN IP4 192.0.2.7',
    't=0 0',
    `m=audio ${port} RTP/AVP 0`,
    'a=rtpmap:0 PCMU/8000',
    `a=${direction}`,
    '',
  ].join('\r\n');
}

class FakeSession extends Emitter<SessionEvents> {
  readonly state = 'confirmed';
  accept(): void {}
  end(): void {}
}

/** A caller who was answered, and what the leg was told of them. */
async function answered(offer: string) {
  const session = new FakeSession();
  const applied: string[] = [];
  let changes = 0;
  let described: SessionDescription | undefined;
  const media = {
    answer: (one: SessionDescription) => {
      described = one;
      return formatSdp(one);
    },
    apply: async () => {
      const audio = described?.media[0];
      applied.push(`${audio?.direction} ${audio?.port}`);
    },
    agreed: undefined,
  };
  // Cast: answering uses no more of a session and its leg.
  const served = {
    session,
    media,
    offer: parseSdp(offer),
    onAnswered: () => {},
  } as unknown as Served;
  await answerHere(served, { onChanged: () => (changes += 1) });
  const world = createWorld();
  const change = async (sdp: string | undefined) => {
    const answers: (string | number)[] = [];
    session.emit('offer', {
      sdp,
      method: 'INVITE',
      answer: (ours) => answers.push(ours),
      reject: (status) => answers.push(status),
    });
    await world.settle();
    return answers;
  };
  const acknowledge = async (sdp: string | undefined) => {
    session.emit('acknowledged', { sdp });
    await world.settle();
  };
  return { applied, change, acknowledge, changes: () => changes };
}

describe('answerHere()', () => {
  it('is asked for an offer: describes both directions where the caller is now, and takes the answer', async () => {
    const { applied, change, acknowledge, changes } = await answered(sdpOf('sendrecv'));
    await change(sdpOf('sendonly', 5000));
    expect(changes()).toBe(1);
    const [ours] = await change(undefined);
    expect(String(ours)).toMatch(/m=audio 5000 .*a=sendrecv/s);
    expect(changes()).toBe(1);
    await acknowledge(sdpOf('sendonly', 6000));
    expect(applied.at(-1)).toBe('sendonly 6000');
    expect(changes()).toBe(2);
  });

  it('takes no answer that nobody asked for', async () => {
    const { applied, acknowledge, changes } = await answered(sdpOf('sendrecv'));
    await acknowledge(sdpOf('sendonly', 6000));
    expect([applied, changes()]).toEqual([['sendrecv 4000'], 0]);
  });

  it('refuses a change that makes no sense', async () => {
    const { change } = await answered(sdpOf('sendrecv'));
    expect(await change('v=1')).toEqual([488]);
  });
});
