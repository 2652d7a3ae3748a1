import { createConditionExports } from '@backstage/plugin-permission-node';
import { eventTypeResourceRef } from './eventTypeResourceRef';
import { isEventTypeOwner } from './isOwner';

const { conditions, createConditionalDecision } = createConditionExports({
  resourceRef: eventTypeResourceRef,
  rules: { isOwner: isEventTypeOwner },
});

/**
 * Conditions on event types, for authors of permission policies.
 *
 * @public
 */
export const eventTypeConditions = conditions;

/**
 * Wraps {@link eventTypeConditions} into a policy decision.
 *
 * @public
 */
export const createEventTypeConditionalDecision = createConditionalDecision;
