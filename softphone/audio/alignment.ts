// Where what was said is found in what was heard: a jitter buffer and stalls of either process move it about.

/** Magnitudes of the bands of one frame. */
export type Row = Float64Array;

/** Each piece of so many frames is looked for by itself. */
export const PIECE = 16;
/** So many frames before and after where most of it is heard. */
const FARTHEST = 160;
/** A jitter buffer moves a piece so many frames at most, */
const LONGEST_SHIFT = 8;
/** and not to gain less likeness than this for each of them. */
const SHIFT_COST = 0.003;
/** A stall moves all that follows, by any number of frames: another voice does not gain so much by it. */
const JUMP_COST = 0.8;

const PLACES = 2 * FARTHEST + 1;

/** The best ways to a piece, by where it is found: how well all up to it fit, and where the piece before was found. */
interface Step {
  readonly fits: Float64Array;
  readonly before: Int32Array;
}

/**
 * The alignment in which all pieces together are most like what was heard (Viterbi's algorithm).
 *
 * @param usualLag - in frames, where most of it is heard
 * @returns the lag of each {@link PIECE}, in frames
 */
export function alignPieces(
  said: readonly Row[],
  heard: readonly Row[],
  usualLag: number,
): readonly number[] {
  const sounds = { said: flat(said), heard: flat(heard), bands: said[0]?.length ?? 0 };
  const steps: Step[] = [];
  for (let start = 0; start < said.length; start += PIECE) {
    const end = Math.min(said.length, start + PIECE);
    const firstLag = usualLag - FARTHEST;
    const likeness = Float64Array.from({ length: PLACES }, (_, place) =>
      likenessOf(sounds, { start, end, lag: firstLag + place }),
    );
    steps.push(nextStep(steps.at(-1), likeness));
  }
  return placesOf(steps).map((place) => usualLag - FARTHEST + place);
}

function nextStep(last: Step | undefined, likeness: Float64Array): Step {
  if (!last) {
    const fits = likeness.map((value, place) =>
      Math.abs(place - FARTHEST) <= LONGEST_SHIFT ? value : value - JUMP_COST,
    );
    return { fits, before: new Int32Array(PLACES) };
  }
  const fits = new Float64Array(PLACES);
  const before = new Int32Array(PLACES);
  let jumpFrom = bestOf(last.fits.subarray(0, PIECE));
  for (let place = 0; place < PLACES; place += 1) {
    // Nothing is heard before what was said before it: what follows moves back by no more than a piece.
    const reach = place + PIECE;
    if ((last.fits[reach] ?? Number.NEGATIVE_INFINITY) > (last.fits[jumpFrom] ?? 0)) jumpFrom = reach;
    const from = cheapest(last.fits, place, jumpFrom);
    before[place] = from;
    fits[place] = (likeness[place] ?? 0) + (last.fits[from] ?? 0) - costOf(place - from);
  }
  return { fits, before };
}

/** From where it is best to come: from near by, or by a jump. */
function cheapest(fits: Float64Array, place: number, jumpFrom: number): number {
  let best = jumpFrom;
  let most = (fits[jumpFrom] ?? 0) - costOf(place - jumpFrom);
  const last = Math.min(PLACES - 1, place + LONGEST_SHIFT);
  for (let from = Math.max(0, place - LONGEST_SHIFT); from <= last; from += 1) {
    const fit = (fits[from] ?? 0) - costOf(place - from);
    if (fit > most) [best, most] = [from, fit];
  }
  return best;
}

function costOf(shift: number): number {
  return Math.abs(shift) <= LONGEST_SHIFT ? SHIFT_COST * Math.abs(shift) : JUMP_COST;
}

function placesOf(steps: readonly Step[]): readonly number[] {
  const places: number[] = [];
  let place = bestOf(steps.at(-1)?.fits ?? new Float64Array(0));
  for (const { before } of steps.toReversed()) {
    places.unshift(place);
    place = before[place] ?? 0;
  }
  return places;
}

function bestOf(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}

interface Sounds {
  /** Row by row. */
  readonly said: Float64Array;
  readonly heard: Float64Array;
  readonly bands: number;
}

interface PieceAt {
  readonly start: number;
  readonly end: number;
  readonly lag: number;
}

/** Correlation of a piece and what was heard there; not below 0. Before and after what was heard is silence. */
function likenessOf({ said, heard, bands }: Sounds, { start, end, lag }: PieceAt): number {
  const count = (end - start) * bands;
  let [sumA, sumB, product, powerA, powerB] = [0, 0, 0, 0, 0];
  for (let i = start * bands; i < end * bands; i += 1) {
    const a = said[i] ?? 0;
    const b = heard[i + lag * bands] ?? 0;
    sumA += a;
    sumB += b;
    product += a * b;
    powerA += a * a;
    powerB += b * b;
  }
  const spread = (powerA - (sumA * sumA) / count) * (powerB - (sumB * sumB) / count);
  return spread > 0 ? Math.max(0, (product - (sumA * sumB) / count) / Math.sqrt(spread)) : 0;
}

function flat(rows: readonly Row[]): Float64Array {
  const bands = rows[0]?.length ?? 0;
  const values = new Float64Array(rows.length * bands);
  for (const [i, row] of rows.entries()) values.set(row, i * bands);
  return values;
}
