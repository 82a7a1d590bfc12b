// Sound with another number of channels.

/**
 * Mono from stereo is the mean of both; stereo from mono is twice the same.
 *
 * @param pcm - interleaved; still the caller's, and returned itself where nothing is to be done
 */
export function remix(pcm: Int16Array, from: number, to: number): Int16Array {
  if (from === to) return pcm;
  const frames = Math.floor(pcm.length / from);
  const mixed = new Int16Array(frames * to);
  for (let frame = 0; frame < frames; frame += 1) {
    let sum = 0;
    for (let channel = 0; channel < from; channel += 1) sum += pcm[frame * from + channel] ?? 0;
    const mean = Math.round(sum / from);
    for (let channel = 0; channel < to; channel += 1) mixed[frame * to + channel] = mean;
  }
  return mixed;
}
