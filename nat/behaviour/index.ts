// What a NAT does (RFC 4787), found out by asking servers (RFC 5780).
export {
  type AlternateEndpoints,
  type BehaviourAnswer,
  type BehaviourCounters,
  BehaviourResponder,
  type BehaviourResponderOptions,
  type ServerSocket,
} from './behaviour-responder.ts';
export {
  addChangeRequest,
  addResponsePort,
  type ChangeRequest,
  changeRequestOf,
  responsePortOf,
} from './change-request.ts';
