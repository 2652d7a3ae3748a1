import { Bucket } from '@millrace/schema';
import { Access } from '../access';
import { GatewayMetrics } from '../metrics';
import { GatewayLimits } from '../options';
import { EventPublisher, RefusedPublisher } from '../publishing';
import { GatewaySnapshot } from '../snapshot';
import { FairTurns } from './fairTurns';
import { Pacer } from './pacer';
import { Recognizer } from './recognizer';

/** What intake works with. */
export interface Intake {
  limits: GatewayLimits;
  access: Access;
  snapshot(): GatewaySnapshot | undefined;
  /** Receive time of what is published now, and the bucket it belongs to. */
  stamp(): { receivedAt: Date; bucket: Bucket };
  events: EventPublisher;
  refusals: RefusedPublisher;
  /** Whether it is known that nothing can be published now. */
  isBrokerAway(): boolean;
  metrics: GatewayMetrics;
  recognizer: Recognizer;
  pacer: Pacer;
  turns: FairTurns;
}
