import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../core/index.ts';
import { DigitInbox } from '../../../../server/room/digit-inbox.ts';
import { askPin } from '../../../../server/room/pin-dialogue.ts';
import { PinGuard } from '../../../../server/room/pin-guard.ts';
import { PrivateVoice } from '../../../../server/room/private-voice.ts';
import type { RoomRole } from '../../../../server/room/types.ts';
import { FakeRoomMedia } from '../../../support/fake-room-media.ts';
import { createWorld } from '../../../support/world.ts';
import { prompts } from './room-stage.ts';

class Entrance {
  readonly world = createWorld();
  readonly media = new FakeRoomMedia();
  readonly left = new AbortController();
  readonly #runtime = this.world.host('server', { addresses: ['192.0.2.1'] });
  readonly digits = new DigitInbox(this.#runtime, this.left.signal);
  readonly #guard = new PinGuard(this.world.clock);

  ask(settings: { readonly pin?: string; readonly moderatorPin?: string }): Promise<RoomRole | undefined> {
    const { media, digits, left } = this;
    return askPin(
      { pin: settings.pin, moderatorPin: settings.moderatorPin },
      {
        runtime: this.#runtime,
        voice: new PrivateVoice({ media, log: silentLog, prompts, legId: 1 }),
        digits,
        guard: this.#guard,
        user: 'alice',
        signal: left.signal,
      },
    );
  }

  async dial(digits: string): Promise<void> {
    for (const digit of digits) this.digits.push(digit);
    await this.world.settle();
  }

  /** How long the server takes to ask again. */
  async waitMs(): Promise<number> {
    const from = this.world.now();
    const before = this.media.played.length;
    await this.world.runUntil(() => this.media.played.length > before);
    return this.world.now() - from;
  }
}

describe('askPin()', () => {
  it.each<{ name: string; dialled: string; expected: RoomRole }>([
    { name: 'the PIN without the pound sign', dialled: '1234', expected: 'member' },
    { name: 'the PIN of moderators with it', dialled: '99#', expected: 'moderator' },
  ])('takes $name', async ({ dialled, expected }) => {
    const entrance = new Entrance();
    const role = entrance.ask({ pin: '1234', moderatorPin: '99' });
    await entrance.dial(dialled);
    expect(await entrance.world.complete(role)).toBe(expected);
    expect(entrance.world.now()).toBe(createWorld().now());
  });

  it('waits for the end of a PIN that the other one goes on from', async () => {
    const entrance = new Entrance();
    const role = entrance.ask({ pin: '12', moderatorPin: '1234' });
    await entrance.dial('12');
    await entrance.dial('34');
    expect(await entrance.world.complete(role)).toBe('moderator');
  });

  it('makes a member of who dials nothing, where only moderators have a PIN', async () => {
    const entrance = new Entrance();
    const role = entrance.ask({ moderatorPin: '99' });
    await entrance.dial('#');
    expect(await entrance.world.complete(role)).toBe('member');
  });

  it('lets nobody in after three wrong ones, each answered later', async () => {
    const entrance = new Entrance();
    const role = entrance.ask({ pin: '1234' });
    const waits: number[] = [];
    for (const wrong of ['1#', '4321#']) {
      await entrance.dial(wrong);
      waits.push(await entrance.waitMs());
    }
    const from = entrance.world.now();
    await entrance.dial('0#');
    expect(await entrance.world.complete(role)).toBeUndefined();
    expect([...waits, entrance.world.now() - from]).toEqual([1000, 2000, 4000]);
  });

  it('remembers wrong PINs of earlier calls, and those before a right one', async () => {
    const { world } = new Entrance();
    const guard = new PinGuard(world.clock);
    const delays: number[] = [];
    for (const role of [undefined, undefined, 'member', undefined] as const) {
      const verdict = guard.weigh('alice', role);
      expect(verdict.role).toBe(role);
      delays.push(verdict.delayMs);
      await world.run(verdict.delayMs);
    }
    expect(delays).toEqual([1000, 2000, 0, 4000]);
    expect(guard.weigh('bob', undefined).delayMs).toBe(1000);
    await world.run(10 * 60_000);
    expect(guard.weigh('alice', undefined).delayMs).toBe(1000);
  });

  it('lets nobody try PINs in many calls at once', async () => {
    const { world } = new Entrance();
    const guard = new PinGuard(world.clock);
    const seconds = Array.from({ length: 6 }, () => guard.weigh('mallory', undefined).delayMs / 1000);
    expect(seconds).toEqual([1, 3, 7, 15, 31, 61]);
    // Nobody listens any more: it would be told in the same second as the one before.
    for (let i = 0; i < 100; i += 1) {
      expect(guard.weigh('mallory', 'member')).toEqual({ role: undefined, delayMs: 30_000 });
    }
    await world.run(30_000);
    expect(guard.weigh('mallory', 'member')).toEqual({ role: 'member', delayMs: 31_000 });
  });

  it('never makes anybody wait longer than half a minute, nor remembers more than a thousand', async () => {
    const { world } = new Entrance();
    const guard = new PinGuard(world.clock);
    let delayMs = 0;
    for (let i = 0; i < 15; i += 1) {
      delayMs = guard.weigh('mallory', undefined).delayMs;
      await world.run(delayMs);
    }
    expect(delayMs).toBe(30_000);
    for (let i = 0; i < 1000; i += 1) guard.weigh(`user ${i}`, undefined);
    expect(guard.weigh('mallory', undefined).delayMs).toBe(1000);
  });

  it('does not grow with a flood of digits, nor take them for later tries', async () => {
    const entrance = new Entrance();
    const role = entrance.ask({ pin: '1234' });
    await entrance.dial('7'.repeat(5000));
    expect(await entrance.waitMs()).toBe(1000);
    await entrance.dial('1234');
    expect(await entrance.world.complete(role)).toBe('member');
  });

  it('keeps no more digits than any PIN has', async () => {
    const { digits, world } = new Entrance();
    for (let i = 0; i < 5000; i += 1) digits.push('7');
    let kept = 0;
    while ((await world.complete(digits.next(10))) !== undefined) kept += 1;
    expect(kept).toBe(32);
  });

  it('ends at once when the caller hangs up', async () => {
    const entrance = new Entrance();
    const role = entrance.ask({ pin: '1234' });
    await entrance.dial('1');
    entrance.left.abort();
    expect(await entrance.world.complete(role)).toBeUndefined();
    expect(entrance.world.clock.size).toBe(0);
  });
});
