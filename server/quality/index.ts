// The quality of calls, told to others and by others.
export type * from './types.ts';
