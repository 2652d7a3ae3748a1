import type { LatenessObjectivesMs } from '@millrace/schema';
import type { ClosingDesk } from '../closing';
import type { LedgerReader } from '../completeness';
import type { EventTypeLookup } from '../eventTypes';
import type { AccessControl } from '../permissions';
import type { RefusedEventReader } from '../refused';

/** What the actions need; they ask for permission themselves, as routes do. */
export interface ActionOptions {
  access: AccessControl;
  closing: ClosingDesk;
  eventTypes: EventTypeLookup;
  latenessObjectivesMs: LatenessObjectivesMs;
  ledgerPages: LedgerReader;
  refused: RefusedEventReader;
}
