import { expect, test } from 'vitest';
import { InboundStream } from '../../../../media/stream/index.ts';

test.for([
  { name: 'in order, over the wrap', sequences: [65_534, 65_535, 0, 1], overtaken: 0 },
  { name: 'one that three others overtook', sequences: [1, 3, 4, 5, 2, 6], overtaken: 1 },
  { name: 'one overtaken over the wrap', sequences: [65_534, 0, 65_535, 1], overtaken: 1 },
  { name: 'a double at once', sequences: [1, 2, 2, 3], overtaken: 0 },
  { name: 'a double that is late', sequences: [1, 2, 3, 2, 4], overtaken: 1 },
  { name: 'a jump', sequences: [1, 2, 30_000, 3], overtaken: 0 },
])('InboundStream counts what came behind a later packet: $name', ({ sequences, overtaken }) => {
  const stream = new InboundStream({ concealment: true });
  for (const sequence of sequences) stream.receive(0, 1, sequence, 0, 8000);
  expect(stream.overtaken).toBe(overtaken);
  // Another source has its own numbers, and the count goes on.
  for (const sequence of [7, 9, 8]) stream.receive(0, 2, sequence, 0, 8000);
  expect(stream.overtaken).toBe(overtaken + 1);
});
