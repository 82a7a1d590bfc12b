// All rules, by what they are about.
import { ADDRESS_RULES } from './address.ts';
import { DELAY_RULES } from './delay.ts';
import { DIGIT_RULES } from './digits.ts';
import { DIRECT_RULES } from './direct.ts';
import { ENDING_RULES } from './ending.ts';
import { HEARING_RULES } from './hearing.ts';
import { HOLD_RULES } from './hold.ts';
import { LATE_RULES } from './late.ts';
import { LOSS_RULES } from './loss.ts';
import { PAYLOAD_RULES } from './payload.ts';
import { RATING_RULES } from './rating.ts';
import type { Rule } from './rule.ts';
import { SOURCE_RULES } from './source.ts';
import { TIMING_RULES } from './timing.ts';

/** Their order is of no importance: findings are ordered by the catalogue. */
export const RULES: readonly Rule[] = [
  ...ENDING_RULES,
  ...HOLD_RULES,
  ...ADDRESS_RULES,
  ...SOURCE_RULES,
  ...PAYLOAD_RULES,
  ...HEARING_RULES,
  ...LOSS_RULES,
  ...LATE_RULES,
  ...TIMING_RULES,
  ...DELAY_RULES,
  ...DIGIT_RULES,
  ...RATING_RULES,
  ...DIRECT_RULES,
];
