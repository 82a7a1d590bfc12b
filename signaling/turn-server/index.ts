// TURN servers and credentials for phones.
export {
  formatTurnServer,
  MAX_TURN_SERVERS,
  parseTurnServer,
  TURN_SERVER_HEADER,
  turnServersOf,
} from './turn-server-header.ts';
