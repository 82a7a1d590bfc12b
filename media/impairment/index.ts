// Networks that harm what crosses them: for the virtual world, and for `patchcord impair`.
export * from './delay-trace.ts';
export * from './link.ts';
export * from './loss.ts';
export * from './packet.ts';
export * from './relay.ts';
export * from './udp-relay.ts';
