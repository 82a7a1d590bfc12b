// Two phones on virtual hosts that call each other directly.
import { silentLog } from '../../../core/index.ts';
import {
  type AudioSource,
  loadCodecs,
  type Sound,
  SoundSource,
  SpeechLikeSource,
} from '../../../media/index.ts';
import {
  createSoftphone,
  type IncomingPhoneCall,
  MemorySink,
  type OutgoingPhoneCall,
  type Softphone,
  type SoftphoneOptions,
} from '../../../softphone/index.ts';
import type { Host, Packet, World } from '../../support/index.ts';

export const ALICE = '192.0.2.1';
export const BOB = '198.51.100.1';

export interface TestPhone {
  readonly host: Host;
  readonly phone: Softphone;
  /** What its calls heard, one sink a call. */
  readonly heard: MemorySink[];
}

const RATE_HZ = 48_000;

const voices = new Map<string, Sound>();

/** The same sound for the same voice; made once, and nobody's to change. */
export function voice(number: number, seconds = 5): Sound {
  const key = `${number} for ${seconds} s`;
  const known = voices.get(key) ?? makeVoice(number, seconds);
  voices.set(key, known);
  return known;
}

function makeVoice(number: number, seconds: number): Sound {
  const pcm = new Int16Array(seconds * RATE_HZ);
  new SpeechLikeSource(number, RATE_HZ).read(pcm);
  return { sampleRateHz: RATE_HZ, channels: 1, pcm };
}

export const speaking = (number: number, seconds?: number) => (): AudioSource =>
  new SoundSource(voice(number, seconds));

/** A phone on a host of its own, listening on port 5060 and playing the voice that its name stands for. */
export async function testPhone(
  world: World,
  name: 'alice' | 'bob',
  options: SoftphoneOptions = {},
): Promise<TestPhone> {
  // WebAssembly is compiled in real time; afterwards everything runs in the world's.
  await loadCodecs({ log: silentLog });
  const host = world.host(name, { addresses: [name === 'alice' ? ALICE : BOB] });
  const heard: MemorySink[] = [];
  const makeSink = async (sampleRateHz: number) => {
    const sink = new MemorySink(sampleRateHz);
    heard.push(sink);
    return sink;
  };
  const makeSource = speaking(name === 'alice' ? 1 : 2);
  const phone = await world.hold(
    createSoftphone({ runtime: host, localPort: 5060, makeSink, makeSource, ...options }),
  );
  return { host, phone, heard };
}

/** Both ends of one call. */
export interface CallPair {
  readonly outgoing: OutgoingPhoneCall;
  readonly incoming: IncomingPhoneCall;
}

/** Alice calls Bob, who answers at once; resolves when both know it. */
export async function connect(world: World, alice: TestPhone, bob: TestPhone): Promise<CallPair> {
  let incoming: IncomingPhoneCall | undefined;
  const remove = bob.phone.on('call', (call) => {
    incoming = call;
    void call.accept();
  });
  const outgoing = await world.complete(alice.phone.call(`sip:bob@${BOB}`));
  await world.runUntil(() => outgoing.state === 'answered' && incoming?.state === 'answered', {
    what: 'an answer',
  });
  remove();
  if (!incoming) throw new Error('bob was called');
  return { outgoing, incoming };
}

/** Both phones are closed, and nothing is left on their hosts. */
export async function closePhones(
  world: World,
  ...phones: readonly TestPhone[]
): Promise<Record<string, number>> {
  await world.complete(Promise.all(phones.map(({ phone }) => phone.close())));
  await world.runUntilIdle();
  return world.tables();
}

/** Version 2, and a payload type that is none of RTCP's (RFC 5761 §4). */
export function isRtp(packet: Packet): boolean {
  const [first = 0, second = 0] = packet.bytes;
  const type = second & 0x7f;
  return packet.protocol === 'udp' && first >> 6 === 2 && !(type >= 64 && type <= 95);
}
