// The registrar.
export {
  DEFAULT_EXPIRES_SECONDS,
  MAX_CONTACTS,
  MAX_EXPIRES_SECONDS,
  MIN_EXPIRES_SECONDS,
} from './limits.ts';
export { type RegisterContext, Registrar, type RegistrarOptions } from './registrar.ts';
export type { Binding, BindingChange, RegisterResult, RegistrarStore, StoredBinding } from './types.ts';
