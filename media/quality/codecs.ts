// What each codec costs in the E-model.

/** Equipment impairment without loss, and robustness against random loss (ITU-T G.107 §7.5). */
export interface CodecImpairment {
  readonly ie: number;
  readonly bpl: number;
}

// ITU-T G.113 appendix I, table I.4: G.711 with and without the concealment of its appendix I.
const G711_CONCEALED: CodecImpairment = { ie: 0, bpl: 25.1 };
const G711_UNCONCEALED: CodecImpairment = { ie: 0, bpl: 4.3 };

// The ITU lists no narrowband values for Opus. Ie: at 24 kbit/s and over it is wideband or better, so nothing
// is taken from a scale whose top is G.711. Bpl: its predictive (SILK) concealment is of the kind of G.729A's
// (19.0 in G.113 appendix I), a little better for having no state that diverges; FEC is not counted, for we
// cannot see from outside whether a lost frame came back that way.
const OPUS: CodecImpairment = { ie: 0, bpl: 20 };

// ITU-T G.113 appendix IV: Ie,wb 13 at 64 kbit/s, on a scale that ends at 129 (ITU-T G.107.1); 116 is left, over the
// 93.2 of this scale, so that nothing is taken here. Bpl: we have no narrow-band value; concealed like G.711, but its
// adaptive predictors take a moment to find back after a loss, as those of Opus do.
const G722_CONCEALED: CodecImpairment = { ie: 0, bpl: 20 };
const G722_UNCONCEALED: CodecImpairment = { ie: 0, bpl: 4.3 };

// ITU-T G.113 appendix I, tables I.1 and I.4, each with the concealment of its own decoder, and the first two with VAD. SDP
// does not tell the rate of G.723.1: 6.3 kbit/s, as most phones send it. We relay these between parties that have them.
const G729A: CodecImpairment = { ie: 11, bpl: 19 };
const G723_1: CodecImpairment = { ie: 15, bpl: 16.1 };
const GSM_EFR: CodecImpairment = { ie: 5, bpl: 10 };

/** By encoding: with concealment, and without it. */
const IMPAIRMENTS = new Map<string, readonly [CodecImpairment, CodecImpairment]>([
  ['pcmu', [G711_CONCEALED, G711_UNCONCEALED]],
  ['pcma', [G711_CONCEALED, G711_UNCONCEALED]],
  // Samples as G.711 has them, less its quantizing; and what is lost of them is concealed in the same way.
  ['l16', [G711_CONCEALED, G711_UNCONCEALED]],
  ['g722', [G722_CONCEALED, G722_UNCONCEALED]],
  ['opus', [OPUS, OPUS]],
  ['g729', [G729A, G729A]],
  ['g723', [G723_1, G723_1]],
  ['gsm-efr', [GSM_EFR, GSM_EFR]],
]);

/**
 * @param encoding - as in SDP, lower case
 * @param concealment - whether the receiver conceals loss; Opus always does
 * @returns undefined for a codec that nobody rated
 */
export function codecImpairment(encoding: string, concealment: boolean): CodecImpairment | undefined {
  return IMPAIRMENTS.get(encoding)?.[concealment ? 0 : 1];
}
