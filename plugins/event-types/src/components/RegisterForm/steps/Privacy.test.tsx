import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { OPTIONS } from '../__testUtils__/backend';
import { type Draft, newDraft } from '../draft';
import { fieldDecisions } from '../privacy';
import { Privacy } from './Privacy';

const FIELDS = Array.from({ length: 60 }, (_, index) => ({
  name: index % 2 ? `mail_${index}` : `field_${index}`,
  type: 'string',
}));

const PREVIEW = {
  schema: { type: 'record', name: 'wide', fields: FIELDS },
  fields: FIELDS.map(({ name, type }) => ({
    path: name,
    type,
    required: true,
  })),
  problems: [],
  privacy: FIELDS.flatMap(({ name }, index) =>
    index % 2
      ? [
          {
            pointer: `/fields/${index}`,
            path: name,
            semanticType: 'email',
            confidence: 'likely' as const,
            reason: 'its name says so',
          },
        ]
      : [],
  ),
};

const onSubmit = jest.fn();

function Step(props: { leadsTo?: string }) {
  const [draft, setDraft] = useState<Draft>({
    ...newDraft(),
    source: 'schema',
  });
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <Privacy
        draft={draft}
        problems={[]}
        options={{ value: OPTIONS, isLoading: false, reload: () => {} }}
        change={part => setDraft(current => ({ ...current, ...part }))}
        decisions={fieldDecisions(draft, PREVIEW, new Set(['email', 'name']))}
        leadsTo={props.leadsTo}
        onGoToSchema={() => {}}
      />
      <button type="submit">Next</button>
    </form>
  );
}

const shown = () =>
  within(screen.getByRole('list', { name: 'What the fields hold' }))
    .getAllByRole('listitem')
    .map(item => item.getAttribute('data-at'));

describe('the privacy step of a wide schema', () => {
  it('shows a page at a time, those to decide first, and opens at the field one was led to', async () => {
    const { unmount } = render(<Step />);
    expect(shown()).toHaveLength(25);
    expect(shown()[0]).toBe('/fields/1');
    expect(screen.getByText(/1–25 of/)).toBeInTheDocument();
    unmount();

    render(<Step leadsTo="/fields/57" />);
    expect(screen.getByText(/26–50 of/)).toBeInTheDocument();
    expect(shown()).toContain('/fields/57');
    await userEvent.click(
      screen.getByRole('button', { name: 'Further fields' }),
    );
    expect(shown()).toHaveLength(10);
    expect(
      screen.getByRole('button', { name: 'Further fields' }),
    ).toBeDisabled();
  }, 60_000);

  it('finds fields, and does not go on when Enter is pressed in the search', async () => {
    render(<Step />);
    await userEvent.type(screen.getByRole('searchbox'), 'FIELD_58{Enter}');
    expect(shown()).toEqual(['/fields/58']);
    expect(onSubmit).not.toHaveBeenCalled();
    await userEvent.type(screen.getByRole('searchbox'), 'x');
    expect(screen.getByText(/No field fits/)).toBeInTheDocument();
  }, 60_000);

  it('takes every suggestion at once, those on other pages too', async () => {
    render(<Step />);
    expect(screen.getByText(/30 fields to decide of 60/)).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Take all 30 suggestions' }),
    );
    expect(
      screen.getByText('Nothing to decide: 60 fields'),
    ).toBeInTheDocument();
    // Each stays where it was, with its reason.
    expect(shown()[0]).toBe('/fields/1');
  }, 60_000);
});
