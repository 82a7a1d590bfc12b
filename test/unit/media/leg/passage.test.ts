import { describe, expect, it } from 'vitest';
import type { PayloadFormat } from '../../../../media/engine/types.ts';
import type { Leg } from '../../../../media/leg/index.ts';
import { type Conversion, Passage } from '../../../../media/leg/index.ts';
import { clientLevel, encodeRtp, rtpPayloadType, writeClientLevel } from '../../../../media/rtp/index.ts';

const format = (payloadType: number, encoding: string, clockRateHz = 8000, channels = 1): PayloadFormat => ({
  payloadType,
  encoding,
  clockRateHz,
  channels,
});

/** A passage to a leg that takes everything, and the payload types that it got. */
function createPassage(options: { isPlaying?: boolean; isReady?: boolean } = {}) {
  const sent: number[] = [];
  const to = {
    isPlaying: options.isPlaying ?? false,
    isReady: options.isReady ?? true,
    interrupt: () => {},
    send: (_now: number, packet: Uint8Array) => {
      if (options.isReady === false) return false;
      sent.push(rtpPayloadType(packet));
      return true;
    },
  };
  // Cast: a passage uses no more of the leg than this.
  const passage = new Passage(to as unknown as Leg);
  const pass = (payloadType: number) => {
    const fields = { payloadType, marker: false, sequenceNumber: 1, timestamp: 160, ssrc: 7 };
    return passage.pass(0, encodeRtp(fields, new Uint8Array(160)), payloadType, 12);
  };
  return { passage, pass, sent };
}

function createConversion() {
  const seen = { packets: 0, closed: 0 };
  const conversion: Conversion = {
    handlePacket: () => {
      seen.packets += 1;
      return 'consumed';
    },
    close: () => {
      seen.closed += 1;
    },
  };
  return { conversion, seen };
}

describe('Passage', () => {
  const here = [format(111, 'opus', 48_000, 2), format(101, 'telephone-event'), format(0, 'pcmu')];
  it('tells nothing by header extensions: one party’s numbers mean something else to the other (RFC 8285)', () => {
    const { passage } = createPassage();
    const fields = { payloadType: 0, marker: false, sequenceNumber: 1, timestamp: 160, ssrc: 7 };
    const packet = encodeRtp(fields, new Uint8Array(168));
    writeClientLevel(packet, 12, { id: 1, levelDbov: -20, isVoice: true });
    const length = packet.length;
    expect(clientLevel(packet, 1)).toBe(0x80 | 20);
    passage.relay([format(0, 'pcmu')], [format(0, 'pcmu')]);
    expect(passage.pass(0, packet, 0, 20)).toBe('forwarded');
    expect(clientLevel(packet, 1)).toBe(-1);
    expect(packet).toHaveLength(length);
  });

  it.each([
    { name: 'the same number', payloadType: 0, there: [format(0, 'pcmu')], expected: 0 },
    { name: 'its number there', payloadType: 111, there: [format(96, 'opus', 48_000, 2)], expected: 96 },
    {
      name: 'the same number before another of the same format',
      payloadType: 101,
      there: [format(96, 'telephone-event'), format(101, 'telephone-event')],
      expected: 101,
    },
    {
      name: 'nothing for another clock rate',
      payloadType: 101,
      there: [format(101, 'telephone-event', 48_000)],
    },
    { name: 'nothing for other channels', payloadType: 111, there: [format(111, 'opus', 48_000, 1)] },
    { name: 'nothing for what is missing there', payloadType: 0, there: [format(8, 'pcma')] },
    { name: 'nothing for what is missing here', payloadType: 8, there: [format(8, 'pcma')] },
  ])('renumbers to $name (RFC 3264 §5.1)', ({ payloadType, there, expected }) => {
    const { passage, pass, sent } = createPassage();
    passage.relay(here, there);
    expect(pass(payloadType)).toBe(expected === undefined ? 'peer-format' : 'forwarded');
    expect(sent).toEqual(expected === undefined ? [] : [expected]);
  });

  it('forgets earlier numbers when it relays anew', () => {
    const { passage, pass, sent } = createPassage();
    passage.relay(here, [format(96, 'opus', 48_000, 2)]);
    passage.relay([format(98, 'opus', 48_000, 2)], [format(97, 'opus', 48_000, 2)]);
    expect([pass(111), pass(98)]).toEqual(['peer-format', 'forwarded']);
    expect(sent).toEqual([97]);
  });

  it('says of a peer without SDP that it is not ready, of one that plays that it hears something else', () => {
    const unready = createPassage({ isReady: false });
    unready.passage.relay(here, undefined);
    expect(unready.pass(0)).toBe('peer-not-ready');
    const playing = createPassage({ isPlaying: true });
    playing.passage.relay(here, here);
    expect(playing.pass(0)).toBe('tone');
  });

  it('gives to its conversion what was set apart for it, and drops that until the conversion is there', () => {
    const { passage, pass, sent } = createPassage();
    const { conversion, seen } = createConversion();
    let missing = 0;
    passage.relay(here, [format(0, 'pcmu')]);
    passage.awaitConversion([111], () => {
      missing += 1;
    });
    expect([pass(111), pass(0), missing]).toEqual(['no-codec', 'forwarded', 1]);
    passage.convert([111, 101], conversion);
    expect([pass(111), pass(101), pass(0)]).toEqual(['consumed', 'consumed', 'forwarded']);
    expect([sent, seen.packets, missing]).toEqual([[0, 0], 2, 1]);
  });

  it('tells its conversion which packets were copies', () => {
    const { passage } = createPassage();
    const seen: boolean[] = [];
    const handlePacket: Conversion['handlePacket'] = (_now, _packet, _offset, isCopy) => {
      seen.push(isCopy);
      return 'consumed';
    };
    passage.convert([0], { handlePacket, close: () => {} });
    passage.pass(0, new Uint8Array(172), 0, 12);
    passage.pass(0, new Uint8Array(172), 0, 12, true);
    expect(seen).toEqual([false, true]);
  });

  it('converts nothing for a party that does not listen', () => {
    const { passage, pass } = createPassage({ isReady: false });
    const { conversion, seen } = createConversion();
    passage.convert([0], conversion);
    expect([pass(0), seen.packets]).toEqual(['peer-not-ready', 0]);
  });

  it('closes a conversion that is replaced or not needed any more, once', () => {
    const { passage } = createPassage();
    const [first, second] = [createConversion(), createConversion()];
    passage.convert([0], first.conversion);
    passage.convert([0], first.conversion);
    expect(first.seen.closed).toBe(0);
    passage.convert([0], second.conversion);
    passage.close();
    passage.close();
    expect([first.seen.closed, second.seen.closed]).toEqual([1, 1]);
  });
});
