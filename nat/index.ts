// How two hosts find a path.
export { demultiplex, type SharedPortProtocol } from './demultiplex.ts';
