// What every room stands on: errors, time, chance, addresses, sockets, log.
export * from './address.ts';
export * from './address-prefix.ts';
export * from './clock.ts';
export * from './deadline-queue.ts';
export * from './driver.ts';
export * from './emitter.ts';
export * from './errors.ts';
export * from './hash.ts';
export * from './linux/index.ts';
export * from './log.ts';
export * from './network.ts';
export { nodeNetwork } from './node-network.ts';
export * from './random.ts';
export * from './runtime.ts';
export * from './timer-table.ts';
export * from './trace.ts';
