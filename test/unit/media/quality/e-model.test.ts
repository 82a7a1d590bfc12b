import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  codecImpairment,
  DEFAULT_R,
  delayImpairment,
  directionQuality,
  lossImpairment,
  mosFromR,
  rFactor,
} from '../../../../media/quality/index.ts';

const file = resolve(
  process.env.PATCHCORD_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data'),
  'quality-reference/e-model.json',
);

interface Reference {
  readonly annexB_R_to_MOS: readonly { R: number; mos: number; computed: number }[];
  readonly defaultMOS: number;
  readonly Idd: readonly { oneWayMs: number; Idd: number }[];
  readonly defaultR: number;
  readonly G113_AppI: readonly { codec: string; Ie: number; Bpl: number }[];
  readonly IeEff_random_loss: readonly { Ie: number; Bpl: number; lossPct: number; IeEff: number }[];
}

describe.skipIf(!existsSync(file))(
  'the E-model against its reference values (skipped without the data)',
  () => {
    const read = () => JSON.parse(readFileSync(file, 'utf8')) as Reference;

    it('turns R into MOS (ITU-T G.107 annex B)', () => {
      const reference = read();
      for (const { R, computed } of reference.annexB_R_to_MOS) expect(mosFromR(R)).toBeCloseTo(computed, 3);
      expect(mosFromR(DEFAULT_R)).toBeCloseTo(reference.defaultMOS, 3);
    });

    it('begins at the rating of all defaults (ITU-T G.107 §7.7)', () => {
      expect(DEFAULT_R).toBe(read().defaultR);
    });

    it('knows each codec of the file (ITU-T G.113 appendix I)', () => {
      const known: Readonly<Record<string, ReturnType<typeof codecImpairment>>> = {
        'G.711 (no PLC)': codecImpairment('pcmu', false),
        'G.711 + App.I PLC': codecImpairment('pcma', true),
        'G.729A+VAD (native PLC)': codecImpairment('g729', true),
        'G.723.1 6.3k+VAD': codecImpairment('g723', true),
        'GSM-EFR': codecImpairment('gsm-efr', false),
      };
      for (const { codec, Ie, Bpl } of read().G113_AppI)
        expect(known[codec], codec).toEqual({ ie: Ie, bpl: Bpl });
    });

    it('has a test for every part of the file', () => {
      const parts = [
        'note',
        'annexB_R_to_MOS',
        'defaultR',
        'defaultMOS',
        'Idd',
        'G113_AppI',
        'IeEff_random_loss',
      ];
      expect(Object.keys(read()).sort()).toEqual(parts.sort());
    });

    it('adds delay and loss up (ITU-T G.107 §7.1)', () => {
      const { Idd, IeEff_random_loss } = read();
      for (const { oneWayMs, Idd: idd } of Idd) {
        for (const { Ie, Bpl, lossPct, IeEff } of IeEff_random_loss) {
          const r = rFactor({ ie: Ie, bpl: Bpl }, lossPct / 100, oneWayMs);
          expect(r).toBeCloseTo(Math.max(0, DEFAULT_R - idd - IeEff), 2);
        }
      }
    });

    it('rates delay (ITU-T G.107 §7.4)', () => {
      for (const { oneWayMs, Idd } of read().Idd) expect(delayImpairment(oneWayMs)).toBeCloseTo(Idd, 2);
    });

    it('rates loss (ITU-T G.107 §7.5)', () => {
      for (const { Ie, Bpl, lossPct, IeEff } of read().IeEff_random_loss) {
        expect(lossImpairment({ ie: Ie, bpl: Bpl }, lossPct / 100)).toBeCloseTo(IeEff, 2);
      }
    });
  },
);

describe('the E-model at its edges', () => {
  const codec = { ie: 0, bpl: 4.3 };

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 2])('rates a loss of %d without NaN', (lossRatio) => {
    const r = rFactor(codec, lossRatio, 0);
    expect(r).toBeGreaterThanOrEqual(0);
    expect(r).toBeLessThanOrEqual(DEFAULT_R);
  });

  it.each([
    { burstRatio: 1, ieEff: (95 * 5) / (5 + 4.3) },
    { burstRatio: 2, ieEff: (95 * 5) / (2.5 + 4.3) },
    { burstRatio: 0.3, ieEff: (95 * 5) / (5 + 4.3) },
    { burstRatio: Number.NaN, ieEff: (95 * 5) / (5 + 4.3) },
  ])('takes $ieEff for 5 % of loss with BurstR $burstRatio (ITU-T G.107 §7.5)', ({ burstRatio, ieEff }) => {
    expect(lossImpairment(codec, 0.05, burstRatio)).toBeCloseTo(ieEff, 9);
  });

  it.each([Number.POSITIVE_INFINITY, 1e9])('rates a BurstR of %d without NaN', (burstRatio) => {
    expect(rFactor(codec, 0.5, 0, burstRatio)).toBeGreaterThanOrEqual(0);
  });

  it.each([Number.NaN, -50, 0, 100])('takes nothing for a delay of %d ms', (oneWayMs) => {
    expect(delayImpairment(oneWayMs)).toBe(0);
  });

  it.each([
    { r: -5, mos: 1 },
    { r: 0, mos: 1 },
    { r: 3, mos: 1 },
    { r: 100, mos: 4.5 },
    { r: 120, mos: 4.5 },
    { r: Number.NaN, mos: 1 },
  ])('keeps MOS of R = $r at $mos', ({ r, mos }) => {
    expect(mosFromR(r)).toBe(mos);
  });

  it('rates wideband samples as G.711, and G.722 as clean as it but less robust to loss', () => {
    for (const isConcealed of [true, false]) {
      expect(codecImpairment('l16', isConcealed)).toEqual(codecImpairment('pcmu', isConcealed));
    }
    const [g722, g711] = [codecImpairment('g722', true), codecImpairment('pcmu', true)];
    if (!g722 || !g711) throw new Error('both are rated');
    expect(rFactor(g722, 0, 0)).toBe(DEFAULT_R);
    expect(rFactor(g722, 0.05, 0)).toBeLessThan(rFactor(g711, 0.05, 0));
    expect(codecImpairment('g722', false)?.bpl).toBeLessThan(g722.bpl);
  });

  it('knows G.711 by its concealment, Opus without, and nothing else', () => {
    expect(codecImpairment('pcmu', true)).toEqual({ ie: 0, bpl: 25.1 });
    expect(codecImpairment('pcma', false)).toEqual({ ie: 0, bpl: 4.3 });
    expect(codecImpairment('opus', false)).toEqual(codecImpairment('opus', true));
    for (const name of ['speex', '', 'constructor']) expect(codecImpairment(name, true)).toBeUndefined();
  });
});

describe('directionQuality()', () => {
  const measured = {
    packets: 100,
    expected: 100,
    lost: 0,
    discarded: null,
    jitterMs: 1,
    maxJitterMs: 2,
    codec: { ie: 0, bpl: 25.1 },
    oneWayMs: 20,
  };

  it('gives the best rating where nothing was lost', () => {
    const quality = directionQuality(measured);
    expect(quality.rFactor).toBe(DEFAULT_R);
    expect(quality.mosLq).toBe(quality.mosCq);
  });

  it.each([
    { name: 'no packet', change: { packets: 0, expected: undefined } },
    { name: 'an unrated codec', change: { codec: undefined } },
  ])('rates nothing with $name', ({ change }) => {
    expect(directionQuality({ ...measured, ...change })).toMatchObject({
      rFactor: null,
      mosLq: null,
      mosCq: null,
    });
  });

  it('leaves MOS-CQ null where no delay was measured', () => {
    const quality = directionQuality({ ...measured, oneWayMs: null });
    expect(quality.mosCq).toBeNull();
    expect(quality.mosLq).toBeCloseTo(4.409, 3);
  });

  it.each([
    { lost: -20, expected: 0 },
    { lost: 25, expected: 0.25 },
    { lost: 5000, expected: 1 },
  ])('keeps the ratio of $lost lost between 0 and 1', ({ lost, expected }) => {
    expect(directionQuality({ ...measured, lost }).lossRatio).toBe(expected);
  });

  it('counts what the playout threw away as lost to the ear, not as lost', () => {
    const quality = directionQuality({ ...measured, discarded: 10 });
    expect(quality.lossRatio).toBe(0);
    expect(quality.rFactor).toBeCloseTo(DEFAULT_R - lossImpairment(measured.codec, 0.1), 9);
  });

  it('takes no quality away for what was played from a copy', () => {
    const quality = directionQuality({ ...measured, lost: 10, discarded: 5, recovered: 12 });
    expect(quality.lossRatio).toBe(0.1);
    expect(quality.rFactor).toBeCloseTo(DEFAULT_R - lossImpairment(measured.codec, 0.03), 9);
  });

  it('takes no quality away for duplicates that the playout threw away (RFC 3550 A.3)', () => {
    expect(directionQuality({ ...measured, lost: -10, discarded: 10 }).rFactor).toBe(DEFAULT_R);
    const lossy = directionQuality({ ...measured, lost: -5, discarded: 10 });
    expect(lossy.rFactor).toBeCloseTo(DEFAULT_R - lossImpairment(measured.codec, 0.05), 9);
  });
});
