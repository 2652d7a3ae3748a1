import type { Access } from '../access';
import type { Pacer, TakeEvents } from '../intake';
import type { GatewayLimits } from '../options';

/** What the routes for borrowed clients work with. */
export interface BorrowedOptions {
  access: Access;
  takeEvents: TakeEvents;
  limits: GatewayLimits;
}

/** The same, and what the routes share. */
export interface BorrowedDeps extends BorrowedOptions {
  pacer: Pacer;
}
