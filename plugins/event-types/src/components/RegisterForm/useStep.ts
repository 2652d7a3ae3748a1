import { useCallback } from 'react';
import { useSearchParams } from 'react-router-dom';
import type { StepId } from './guideSteps';

const STEP_PARAM = 'step';

/** The step of the guide; it stands in the address, so "back" goes back a step. */
export function useStep(
  steps: readonly StepId[],
): [StepId, (step: StepId) => void] {
  const [search, setSearch] = useSearchParams();
  const named = search.get(STEP_PARAM);
  const step = steps.find(id => id === named) ?? steps[0];
  const go = useCallback(
    (to: StepId) =>
      setSearch(current => {
        const next = new URLSearchParams(current);
        next.set(STEP_PARAM, to);
        return next;
      }),
    [setSearch],
  );
  return [step, go];
}
