import type {
  DeclarationOptions,
  SchemaVerdictRequest,
} from '@millrace/plugin-event-types-common';
import { useMemo, useRef } from 'react';
import type { Draft } from '../RegisterForm/draft';
import {
  type FieldDecision,
  decidedPreview,
  fieldDecisions,
} from '../RegisterForm/privacy';
import { type VerdictState, useVerdict } from './useVerdict';

/**
 * What publishing a draft would do once what was decided about persons is written
 * into its schema, which may come as samples or in another language. So it is
 * asked twice where something was decided: first what there is to decide.
 *
 * @returns also the fields that have to be decided, or had to: a field that is
 * decided stays under the hand
 */
export function useDecidedVerdict(
  name: string,
  draft: Draft,
  options: {
    source: SchemaVerdictRequest | undefined;
    semanticTypes: DeclarationOptions['semanticTypes'] | undefined;
  },
): VerdictState & { asked: FieldDecision[] } {
  const { source, semanticTypes = [] } = options;
  const first = useVerdict(name, source);
  const askedPaths = useRef(new Set<string>());
  const { verdict } = first;

  const decisions = useMemo(
    () =>
      fieldDecisions(
        draft,
        verdict,
        new Set(
          semanticTypes
            .filter(({ isPersonal }) => isPersonal)
            .map(({ id }) => id),
        ),
      ),
    [draft, verdict, semanticTypes],
  );
  verdict?.privacy.forEach(({ path }) => askedPaths.current.add(path));

  // The list of fields carries its decisions itself.
  const isDecided =
    verdict !== undefined &&
    draft.source !== 'fields' &&
    decisions.some(({ path }) => Object.hasOwn(draft.decisions, path));
  const second = useVerdict(
    name,
    isDecided ? { schema: decidedPreview(draft, verdict).schema } : undefined,
  );
  return {
    ...(isDecided
      ? { ...second, isCurrent: first.isCurrent && second.isCurrent }
      : first),
    asked: decisions.filter(({ path }) => askedPaths.current.has(path)),
  };
}
