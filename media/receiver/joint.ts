// Where made-up sound meets real sound and nobody faded one into the other.

/** A step is one where it is that much larger than those around: the slope of a voice changes by less between samples. */
const LEAST_EXCESS = 1.5;

/**
 * Levels out a step between two pieces of sound: where the first sample of the second lies much farther from the last of
 * the first than any two neighbours around, the second piece starts at the height of the first and returns to its own. A
 * joint that a decoder has smoothed already stays as it is.
 *
 * @param samples - interleaved, changed in place
 * @param at - sample frame at which the second piece starts
 * @param options.reach - sample frames that are looked at on both sides, and over which a step is levelled out
 */
export function smoothJoint(
  samples: Int16Array,
  at: number,
  options: { readonly channels: number; readonly reach: number },
): void {
  const { channels } = options;
  const frames = samples.length / channels;
  const reach = Math.min(options.reach, at, frames - at);
  if (reach < 2) return;
  for (let channel = 0; channel < channels; channel += 1) {
    const first = at * channels + channel;
    const step = (samples[first] ?? 0) - (samples[first - channels] ?? 0);
    if (Math.abs(step) > LEAST_EXCESS * largestStep(samples, first, { channels, reach })) {
      lower(samples, first, { channels, reach, step });
    }
  }
}

/** Between neighbours on either side of the joint, the joint itself left out. */
function largestStep(
  samples: Int16Array,
  first: number,
  { channels, reach }: { readonly channels: number; readonly reach: number },
): number {
  let largest = 0;
  for (let i = 1; i < reach; i += 1) {
    const after = first + i * channels;
    const before = first - i * channels;
    const stepAfter = Math.abs((samples[after] ?? 0) - (samples[after - channels] ?? 0));
    const stepBefore = Math.abs((samples[before] ?? 0) - (samples[before - channels] ?? 0));
    largest = Math.max(largest, stepAfter, stepBefore);
  }
  return largest;
}

function lower(
  samples: Int16Array,
  first: number,
  { channels, reach, step }: { readonly channels: number; readonly reach: number; readonly step: number },
): void {
  for (let i = 0; i < reach; i += 1) {
    const at = first + i * channels;
    const value = (samples[at] ?? 0) - step * (1 - i / reach);
    samples[at] = Math.max(-32_768, Math.min(32_767, Math.round(value)));
  }
}
