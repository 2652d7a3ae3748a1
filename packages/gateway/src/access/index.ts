export { createAccess } from './access';
export type { Access, AccessOptions, MeteredAccess } from './access';
export { clientAddress } from './clientAddress';
export { presentedKey } from './credentials';
export type { Credentials } from './credentials';
export type { KeyUse } from './keyUse';
export { DEFAULT_ACCESS_LIMITS } from './limits';
export type { AccessLimits } from './limits';
