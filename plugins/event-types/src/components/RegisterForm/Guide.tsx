import { toError } from '@backstage/errors';
import { Button, Flex, Skeleton, Text } from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import {
  type DeclarationProblem,
  type EventType,
  type EventTypeRegistration,
  declarationProblemsOf,
} from '@millrace/plugin-event-types-common';
import {
  type FormEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useDeclarationOptions } from '../../hooks';
import { detailChanges } from './detailChanges';
import { type Draft, parseSource } from './draft';
import { focusAt } from './focusAt';
import { STEPS, type StepId, placed, stepOf } from './guideSteps';
import { detailProblems, localProblems } from './localProblems';
import { fieldDecisions } from './privacy';
import { withoutProblemsAt } from './problems';
import { changeOf, registrationOf, reviewRequestOf } from './registration';
import { type StepProgress, StepList } from './StepList';
import { Keeping } from './steps/Keeping';
import { Privacy } from './steps/Privacy';
import { Review } from './steps/Review';
import { Schema } from './steps/Schema';
import { WhatItIs } from './steps/WhatItIs';
import { useAvailability } from './useAvailability';
import { useOwners } from './useOwners';
import { usePreview } from './usePreview';
import { useReview } from './useReview';
import { useStep } from './useStep';
import styles from './RegisterForm.module.css';

/**
 * A declaration in a few steps, to register an event type or to change one. What is
 * wrong is said at its field once somebody has tried to leave the step, and from
 * then on with every change; the review names all of it, with the way to each field.
 * What the backend refuses is put at its fields too, and nothing is lost by it.
 */
export function Guide(props: {
  steps: readonly StepId[];
  initial: Draft;
  /** Whether the draft was begun earlier. */
  isResumed?: boolean;
  /** What is in force, where an event type is changed. */
  existing?: EventType;
  /** On the last button. */
  verb: string;
  /** Said when sending fails, as a sentence. */
  failure: string;
  /** Called with every change that a person makes. */
  onChange: (draft: Draft) => void;
  send: (registration: EventTypeRegistration) => Promise<EventType>;
  onDone: (eventType: EventType) => void;
  /** Beside the buttons: whether it is saved, and how to be rid of it. */
  footer?: ReactNode;
}) {
  const { steps, existing, verb, failure, onChange, send, onDone } = props;
  const [draft, setDraft] = useState(props.initial);
  const newest = useRef(draft);
  const [step, goTo] = useStep(steps);
  const [attempted, setAttempted] = useState<ReadonlySet<StepId>>(new Set());
  const [refused, setRefused] = useState<DeclarationProblem[]>([]);
  const [error, setError] = useState<Error>();
  const [isSending, setSending] = useState(false);
  const [leadsTo, setLeadsTo] = useState<{ pointer?: string }>();
  const contentRef = useRef<HTMLDivElement>(null);
  const headingRef = useRef<HTMLHeadingElement>(null);

  const options = useDeclarationOptions();
  const owners = useOwners();
  const availability = useAvailability(existing ? '' : draft.name);
  // Samples may be long: they are read once for each change.
  const source = useMemo(
    () => (existing ? undefined : parseSource(draft)),
    [existing, draft],
  );
  const preview = usePreview(draft.name, source);
  const semanticTypes = options.value?.semanticTypes;
  const decisions = useMemo(
    () =>
      fieldDecisions(
        draft,
        preview.value,
        new Set(
          semanticTypes
            ?.filter(({ isPersonal }) => isPersonal)
            .map(({ id }) => id),
        ),
      ),
    [draft, preview.value, semanticTypes],
  );
  const local = existing
    ? detailProblems(draft, { options: options.value }).filter(
        // Asked for only since: what never had one may stay without.
        ({ pointer }) => pointer !== '/description' || existing.description,
      )
    : localProblems(draft, {
        availability: availability.isCurrent ? availability.value : undefined,
        source,
        preview: preview.isCurrent ? preview.value : undefined,
        decisions,
        options: options.value,
      });
  const registration = existing
    ? changeOf(draft, existing.schema)
    : registrationOf(draft, preview.isCurrent ? preview.value : undefined);
  const review = useReview(
    step === 'review' && registration
      ? reviewRequestOf(registration, source)
      : undefined,
  );
  const reviewed = review.isCurrent ? review.value : undefined;
  useEffect(() => {
    if (reviewed) {
      setRefused(reviewed.problems.map(placed));
    }
  }, [reviewed]);

  const isShown = (problem: DeclarationProblem) =>
    step === 'review' ||
    attempted.has(stepOf(problem)) ||
    // A name is judged while it is typed.
    (problem.pointer === '/name' && draft.name !== '');
  const problems = [
    ...local.filter(isShown),
    ...refused.filter(
      found => !local.some(({ pointer }) => pointer === found.pointer),
    ),
  ];

  const own = owners.value?.own;
  useEffect(() => {
    if (own && newest.current.owner === undefined) {
      newest.current = { ...newest.current, owner: own };
      setDraft(newest.current);
    }
  }, [own]);

  const change = (part: Partial<Draft>, ...pointers: string[]) => {
    newest.current = { ...newest.current, ...part };
    setDraft(newest.current);
    setRefused(current => withoutProblemsAt(current, ...pointers));
    onChange(newest.current);
  };
  const go = (to: StepId, pointer?: string) => {
    setAttempted(current => new Set([...current, step]));
    setLeadsTo({ pointer });
    goTo(to);
  };

  useEffect(() => {
    // After somebody has gone somewhere, and not when the page opens.
    if (leadsTo && contentRef.current) {
      const { pointer } = leadsTo;
      if (!pointer || !focusAt(contentRef.current, pointer)) {
        headingRef.current?.focus();
      }
    }
  }, [leadsTo, step]);

  const sendIt = async () => {
    if (isSending) {
      return;
    }
    const inTheWay = [...local, ...(reviewed?.problems ?? []).map(placed)];
    if (inTheWay.length || !registration) {
      setLeadsTo({});
      return;
    }
    setSending(true);
    setError(undefined);
    try {
      onDone(await send(registration));
    } catch (cause) {
      const found = declarationProblemsOf(cause).map(placed);
      setRefused(found);
      setError(found.length ? undefined : toError(cause));
      setSending(false);
      setLeadsTo({});
    }
  };

  const at = steps.indexOf(step);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const next = steps[at + 1];
    if (!next) {
      sendIt();
      return;
    }
    const first = local.find(problem => stepOf(problem) === step);
    if (first) {
      setAttempted(current => new Set([...current, step]));
      setLeadsTo({ pointer: first.pointer });
    } else {
      go(next);
    }
  };

  const progressOf = (id: StepId): StepProgress => {
    if (id === step) {
      return 'now';
    }
    if (problems.some(problem => stepOf(problem) === id)) {
      return 'to correct';
    }
    const isGood = !local.some(problem => stepOf(problem) === id);
    const isVisited = attempted.has(id) || props.isResumed || existing;
    return id !== 'review' && isGood && isVisited ? 'done' : 'to do';
  };
  const isPreviewing = source?.request !== undefined && !preview.isCurrent;
  const stepProps = { draft, problems, options, change };
  const { title, intro } = STEPS.find(({ id }) => id === step) ?? STEPS[0];
  const next = steps[at + 1];
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <StepList steps={steps} progressOf={progressOf} onGo={go} />
      <div ref={contentRef} className={styles.inputs}>
        <div>
          <h2 ref={headingRef} tabIndex={-1} className={styles.heading}>
            {title}
          </h2>
          <Text as="p" color="secondary">
            {intro}
          </Text>
        </div>
        {error && <ProblemPanel what={failure} error={error} />}
        {step === 'what' && (
          <WhatItIs
            {...stepProps}
            owners={owners}
            availability={existing ? undefined : availability}
          />
        )}
        {step === 'schema' && (
          <Schema {...stepProps} source={source} preview={preview} />
        )}
        {step === 'privacy' &&
          (preview.value || !isPreviewing ? (
            <Privacy
              {...stepProps}
              decisions={decisions}
              leadsTo={leadsTo?.pointer}
              onGoToSchema={() => go('schema')}
            />
          ) : (
            <Skeleton width="100%" height={240} />
          ))}
        {step === 'keeping' && <Keeping {...stepProps} />}
        {step === 'review' && !registration && preview.error && (
          <ProblemPanel
            what="The schema could not be made. What you filled in is still here."
            error={preview.error}
            onRetry={preview.reload}
          />
        )}
        {step === 'review' && (
          <Review
            draft={draft}
            existing={existing}
            changes={existing ? detailChanges(existing, draft) : []}
            problems={problems}
            review={review}
            isAsked={registration !== undefined || isPreviewing}
            onGoTo={problem => go(stepOf(problem), problem.pointer)}
          />
        )}
      </div>
      <div className={styles.footer}>
        <Flex gap="3">
          <Button type="submit" isPending={isSending}>
            {next
              ? `Next: ${STEPS.find(({ id }) => id === next)?.title}`
              : verb}
          </Button>
          {at > 0 && (
            <Button variant="secondary" onPress={() => go(steps[at - 1])}>
              Back
            </Button>
          )}
        </Flex>
        {props.footer}
      </div>
    </form>
  );
}
