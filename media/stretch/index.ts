// Longer or shorter sound at the same pitch.
export { STRETCH_HISTORY_MS, type StretchedFrame, TimeStretcher } from './time-stretcher.ts';
