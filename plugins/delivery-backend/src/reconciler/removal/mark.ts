import type { Labels } from '../brokerResources';

/**
 * The label by which an installation knows its own topics and subscriptions at
 * a broker that others use as well. Names alone prove nothing: somebody else may
 * have a topic of that name. What does not carry the mark is never deleted.
 */
const MARK = 'millrace-installation';

/** The labels that mark what an installation makes. */
export function markOf(installation: string): Labels {
  return { [MARK]: installation };
}

/** Whether something at the broker carries the mark. */
export function isMarked(
  labels: { [label: string]: string } | null | undefined,
  mark: Labels,
): boolean {
  return labels?.[MARK] !== undefined && labels[MARK] === mark[MARK];
}
