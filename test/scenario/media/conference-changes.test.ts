// What a room makes of changes in the midst of something: SDP while a member joins or talks, a room that empties in a word.
import { describe, expect } from 'vitest';
import type { PayloadFormat } from '../../../media/index.ts';
import { scenario } from '../../support/index.ts';
import { ConferenceStage } from './conference-stage.ts';
import { RELAY, remoteOf } from './stage.ts';
import { FORMATS, ToneParty } from './tone-party.ts';

const { pcmu, pcma, opus, events8000 } = FORMATS;
const l16: PayloadFormat = { payloadType: 97, encoding: 'l16', clockRateHz: 16_000, channels: 1 };

describe('SDP that changes', () => {
  scenario('while a member joins is what it hears and says', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const bob = await stage.join('bob', { formats: [l16] });
    const party = await ToneParty.create(world.host('alice', { addresses: ['192.0.2.50'] }), pcma);
    const leg = await stage.engine.openLeg({ callKey: 'room', localAddress: RELAY, label: 'alice' });
    await world.hold(stage.engine.setRemote(leg.legId, remoteOf(party.local, { formats: [pcmu] })));
    const joining = stage.engine.joinRoom(leg.legId, stage.roomId);
    const changing = stage.engine.setRemote(leg.legId, remoteOf(party.local, { formats: [pcma] }));
    await world.hold(Promise.all([joining, changing]));
    party.say(leg, { frequencyHz: 440, durationMs: 600 });
    bob.party.say(bob.leg, { frequencyHz: 1000, durationMs: 600 });
    await world.run(1000);
    expect(new Set(party.heard.map(({ payloadType }) => payloadType))).toEqual(new Set([8]));
    expect(party.levelOf(1000)).toBeCloseTo(-20, -0.5);
    expect(bob.party.levelOf(440)).toBeCloseTo(-20, -0.5);
    await stage.engine.closeLeg(leg.legId);
    party.close();
    await stage.end();
  });

  scenario('twice at once is as it was said last', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const alice = await stage.join('alice', { formats: [pcma] });
    const bob = await stage.join('bob', { formats: [l16] });
    const { legId } = alice.leg;
    // The first asks for more decoders, and so is done later.
    const many = { ...remoteOf(alice.party.local), formats: [pcmu, opus, l16, FORMATS.g722] };
    const first = stage.engine.setRemote(legId, many);
    const second = stage.engine.setRemote(legId, remoteOf(alice.party.local, { formats: [pcma] }));
    await world.hold(Promise.all([first, second]));
    bob.party.say(bob.leg, { frequencyHz: 1000, durationMs: 600 });
    await world.run(1000);
    expect(new Set(alice.party.heard.map(({ payloadType }) => payloadType))).toEqual(new Set([8]));
    await stage.end();
  });

  scenario('while a member talks leaves it hearing the others', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const alice = await stage.join('alice', { formats: [pcmu] });
    const bob = await stage.join('bob', { formats: [l16] });
    alice.party.say(alice.leg, { frequencyHz: 440, durationMs: 1500 });
    bob.party.say(bob.leg, { frequencyHz: 1000, durationMs: 1500 });
    await world.run(500);
    const formats = [pcmu, events8000];
    await world.hold(stage.engine.setRemote(alice.leg.legId, remoteOf(alice.party.local, { formats })));
    const before = alice.party.heard.length;
    await world.run(500);
    expect(alice.party.heard.length - before).toBeGreaterThan(20);
    expect(alice.party.levelOf(1000, 200, 700)).toBeCloseTo(-20, -0.5);
    expect(alice.party.levelOf(440, 200, 700)).toBeLessThan(-40);
    await stage.end();
  });

  scenario('agrees on comfort noise while a member listens', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const alice = await stage.join('alice', { formats: [pcmu], remote: { receiveFormats: [pcmu] } });
    const noise: PayloadFormat = { payloadType: 13, encoding: 'cn', clockRateHz: 8000, channels: 1 };
    const remote = remoteOf(alice.party.local, { formats: [pcmu, noise], receiveFormats: [pcmu] });
    await world.hold(stage.engine.setRemote(alice.leg.legId, remote));
    await world.run(2500);
    expect(alice.party.heard.at(-1)?.payloadType).toBe(13);
    await stage.end();
  });
});

describe('a member that is joining', () => {
  scenario('is muted by who mutes it meanwhile', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const alice = await stage.join('alice', { formats: [l16] });
    await stage.engine.disconnect(alice.leg.legId);
    const joining = stage.engine.joinRoom(alice.leg.legId, stage.roomId, { gainDb: 3 });
    await stage.engine.setMember(alice.leg.legId, { isMuted: true });
    await world.hold(joining);
    const { members } = await stage.engine.roomReport(stage.roomId);
    expect(members).toMatchObject([{ legId: alice.leg.legId, isMuted: true }]);
    await stage.engine.disconnect(alice.leg.legId);
    const unknown = { code: 'MEDIA_ROOM_UNKNOWN' };
    await expect(stage.engine.setMember(alice.leg.legId, {})).rejects.toMatchObject(unknown);
    await stage.end();
  });
});

describe('a room that is closed', () => {
  scenario('while a member joins leaves it in no room', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const alice = await stage.join('alice', { formats: [l16] });
    const { roomId } = await stage.engine.openRoom({ callKey: 'room', label: 'other' });
    const joining = stage.engine.joinRoom(alice.leg.legId, roomId);
    await stage.engine.closeRoom(roomId);
    const unknown = { code: 'MEDIA_ROOM_UNKNOWN' };
    await expect(joining).rejects.toMatchObject(unknown);
    await expect(stage.engine.setMember(alice.leg.legId, {})).rejects.toMatchObject(unknown);
    await world.hold(stage.engine.joinRoom(alice.leg.legId, stage.roomId));
    expect((await stage.engine.roomReport(stage.roomId)).members).toHaveLength(1);
    await stage.end();
  });
});

describe('a room whose last member leaves', () => {
  scenario('in the midst of a word does not end it before the next', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const alice = await stage.join('alice', { formats: [l16] });
    const bob = await stage.join('bob', { formats: [l16] });
    bob.party.say(bob.leg, { frequencyHz: 440, durationMs: 1000 });
    await world.run(500);
    await stage.engine.disconnect(alice.leg.legId);
    await stage.engine.disconnect(bob.leg.legId);
    await world.run(5000);
    const carol = await stage.join('carol', { formats: [l16] });
    await world.run(500);
    expect(Math.max(...carol.party.sound())).toBeLessThan(10);
    await stage.end();
  });

  scenario('plays what was to be heard to nobody, and not to the next', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const alice = await stage.join('alice', { formats: [l16] });
    const waiting = stage.engine.playInRoom(stage.roomId, { tone: 'confirmation' });
    await world.run(40);
    await stage.engine.disconnect(alice.leg.legId);
    await world.hold(waiting);
    await world.hold(stage.engine.playInRoom(stage.roomId, { tone: 'exit' }));
    const bob = await stage.join('bob', { formats: [l16] });
    await world.run(500);
    expect(Math.max(...bob.party.sound())).toBeLessThan(10);
    await stage.end();
  });
});
