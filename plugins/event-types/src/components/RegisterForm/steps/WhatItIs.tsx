import {
  Radio,
  RadioGroup,
  Select,
  TextAreaField,
  TextField,
} from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import {
  type NameAvailability,
  TIERS,
} from '@millrace/plugin-event-types-common';
import type { AnswerState } from '../../../hooks';
import { problemAt, showProblem } from '../problems';
import { useOwners } from '../useOwners';
import { useSystems } from '../useSystems';
import { NameStatus } from './NameStatus';
import type { StepProps } from './types';

const TIER_MEANING = {
  critical: 'Critical: somebody is woken when it is late. Sealed first.',
  normal: 'Normal: read by reports and models during the day.',
  low: 'Low: nice to have. May wait when capacity is scarce.',
};

/** Stands for no system in the list of systems. */
const NO_SYSTEM = 'none';

/** Name, description, owner, tier, tags and system. */
export function WhatItIs(
  props: StepProps & {
    owners: ReturnType<typeof useOwners>;
    /** Missing where the name is fixed: an event type keeps its name. */
    availability?: AnswerState<NameAvailability>;
  },
) {
  const { draft, problems, change, owners, availability } = props;
  const systems = useSystems();
  return (
    <>
      <div data-at="/name">
        <TextField
          label="Name"
          description="What happened, such as repository.pushed. It stays for ever: events, topic and data endpoint bear it."
          isRequired
          isReadOnly={!availability}
          value={draft.name}
          onChange={name => change({ name }, '/name')}
          {...showProblem(problemAt(problems, '/name'))}
        />
        {availability && <NameStatus name={draft.name} state={availability} />}
      </div>
      <div data-at="/description">
        <TextAreaField
          label="Description"
          description="When is it sent, and what is one event?"
          isRequired
          rows={2}
          value={draft.description}
          onChange={description => change({ description }, '/description')}
          {...showProblem(problemAt(problems, '/description'))}
        />
      </div>
      <div data-at="/owner">
        <Select
          label="Owner"
          description="The group that answers for the schema and grants access."
          isRequired
          searchable
          options={owners.value?.options ?? []}
          value={draft.owner ?? null}
          onChange={owner =>
            owner !== null && change({ owner: String(owner) }, '/owner')
          }
          {...showProblem(problemAt(problems, '/owner'))}
        />
      </div>
      {owners.error && !owners.value && (
        <ProblemPanel
          what="The groups could not be loaded."
          error={owners.error}
          onRetry={owners.reload}
        />
      )}
      <div data-at="/tier">
        <RadioGroup
          label="Tier"
          description="Sets how late it may be, and who gets scarce capacity first."
          value={draft.tier}
          onChange={value => {
            const tier = TIERS.find(candidate => candidate === value);
            if (tier) {
              change({ tier }, '/tier');
            }
          }}
        >
          {TIERS.map(tier => (
            <Radio key={tier} value={tier}>
              {TIER_MEANING[tier]}
            </Radio>
          ))}
        </RadioGroup>
      </div>
      <div data-at="/tags">
        <TextField
          label="Tags"
          secondaryLabel="Optional"
          description="Words to find it by, with blanks between them, such as orders checkout."
          value={draft.tags}
          onChange={tags => change({ tags }, '/tags')}
          {...showProblem(problemAt(problems, '/tags'))}
        />
      </div>
      {(systems.length > 0 || draft.system) && (
        <div data-at="/system">
          <Select
            label="System"
            secondaryLabel="Optional"
            description="What it is part of."
            searchable
            options={[
              { id: NO_SYSTEM, label: 'None' },
              ...(draft.system && !systems.some(({ id }) => id === draft.system)
                ? [{ id: draft.system, label: draft.system }]
                : []),
              ...systems,
            ]}
            value={draft.system ?? NO_SYSTEM}
            onChange={value =>
              value !== null &&
              change(
                { system: value === NO_SYSTEM ? undefined : String(value) },
                '/system',
              )
            }
            {...showProblem(problemAt(problems, '/system'))}
          />
        </div>
      )}
    </>
  );
}
