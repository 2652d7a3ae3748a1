import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import type { TestEvent } from '@millrace/plugin-delivery-common';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { DeliveryClient, deliveryApiRef } from '../../api';
import { type Routes, backends, failure } from '../../__testUtils__/estate';
import { checkData } from './checkData';
import { describeTestEvent, stepsOf } from './describeTestEvent';
import { TestEvents } from './TestEvents';
import { pollEveryMs } from './useTestEvents';

jest.setTimeout(30_000);

const NAME = 'repository.pushed';
const ROUTE = `/delivery/event-types/${NAME}/test-events`;
const ID = '019aa5c4-5f0b-7a3e-9d6c-2f1b7c8e4a10';
const EXPECTED = {
  bucketStart: '2026-11-21T10:00:00.000Z',
  bucketEnd: '2026-11-21T11:00:00.000Z',
  by: '2026-11-21T11:30:00.000Z',
};

function testEvent(overrides: Partial<TestEvent> = {}): TestEvent {
  return {
    testEventId: ID,
    eventType: NAME,
    source: '/millrace/test-events',
    state: 'sending',
    requestedBy: 'user:default/owner',
    requestedAt: '2026-11-21T10:52:00.000Z',
    ...overrides,
  };
}

const ACCEPTED = testEvent({
  state: 'accepted',
  receipt: 'receipt-1',
  acceptedAt: '2026-11-21T10:52:01.000Z',
  expected: EXPECTED,
});
const STAGED = testEvent({
  ...ACCEPTED,
  state: 'staged',
  stagedAt: '2026-11-21T10:52:02.000Z',
});
const SEALED = testEvent({
  ...STAGED,
  state: 'sealed',
  expected: undefined,
  landed: {
    ...EXPECTED,
    revision: 1,
    sealedAt: '2026-11-21T11:00:04.000Z',
  },
});
const REFUSED = testEvent({
  state: 'refused',
  refusal: {
    stage: 'gateway',
    refusalId: 'refusal-1',
    reason: 'wrong_type',
    pointer: '/data/id',
    message: 'Field /data/id must be a whole number',
  },
});

describe('a test event in words', () => {
  it.each([
    [testEvent(), /on its way to a gateway/],
    [testEvent({ message: 'No gateway is alive.' }), /No gateway is alive/],
    [ACCEPTED, /over at 11:00:00 UTC.*on time until 11:30:00 UTC/],
    [STAGED, /accepted and staged.*11:00:00 UTC/],
    [SEALED, /partition of 2026-11-21 10:00–11:00 UTC, sealed at 11:00:04 UTC/],
    [REFUSED, /gateway refused it: \/data\/id has the wrong type/],
    [testEvent({ state: 'unanswered' }), /not known whether it was taken/],
  ])('%#', (event, words) => {
    expect(describeTestEvent(event)).toMatch(words);
  });

  it('marks the step that is waited for, and the one that failed', () => {
    const statuses = (event: TestEvent) =>
      stepsOf(event).map(({ status }) => status);
    expect(statuses(testEvent())).toEqual(['waiting', 'off', 'off']);
    expect(statuses(STAGED)).toEqual(['good', 'good', 'waiting']);
    expect(statuses(SEALED)).toEqual(['good', 'good', 'good']);
    expect(stepsOf(REFUSED)[0]).toEqual({
      title: 'Not accepted',
      status: 'bad',
    });
    expect(statuses(testEvent({ state: 'unanswered' }))).toEqual([
      'unknown',
      'off',
      'off',
    ]);
    // It landed although nobody heard an answer.
    expect(statuses({ ...SEALED, acceptedAt: undefined })).toEqual([
      'good',
      'good',
      'good',
    ]);
  });
});

describe('checkData', () => {
  it('takes the text of a JSON object, whatever is in it', () => {
    expect(checkData('{"a": 12345678901234567890}')).toBeUndefined();
  });

  it.each([
    ['{"a": }', /^It is not JSON/],
    ['[1]', /is a JSON object/],
    ['null', /is a JSON object/],
  ])('says what is wrong with %s', (text, problem) => {
    expect(checkData(text)).toMatch(problem);
  });
});

describe('pollEveryMs', () => {
  const at = (time: string) => new Date(`2026-11-21T${time}Z`);

  it('stops when nothing goes on, and waits longer while the bucket is open', () => {
    expect(pollEveryMs([], at('10:00:00'))).toBeUndefined();
    expect(pollEveryMs([SEALED, REFUSED], at('11:00:00'))).toBeUndefined();
    const soon = pollEveryMs([ACCEPTED], at('10:52:01'));
    // It is kept among the refused events a moment later, or never.
    const refusal = { ...REFUSED.refusal!, refusalId: undefined };
    const justRefused = testEvent({ ...REFUSED, refusal });
    expect(pollEveryMs([justRefused], at('10:52:10'))).toBe(soon);
    expect(pollEveryMs([justRefused], at('10:54:00'))).toBeUndefined();
    const open = pollEveryMs([STAGED, SEALED], at('10:52:05'));
    expect(open).toBeGreaterThan(soon ?? Infinity);
    expect(pollEveryMs([STAGED], at('10:59:59'))).toBe(soon);
    expect(pollEveryMs([STAGED, testEvent()], at('10:53:00'))).toBe(soon);
  });
});

function render(routes: Routes) {
  const { fetchApi } = backends(routes);
  renderInTestApp(
    <TestEvents
      name={NAME}
      entityHref="/catalog/default/eventtype/repository.pushed"
      example={'{\n  "id": 1\n}'}
    />,
    {
      apis: [
        [deliveryApiRef, new DeliveryClient({ fetchApi })],
        mockApis.permission(),
      ],
    },
  );
}

describe('TestEvents', () => {
  it('sends what is written, by keyboard alone, and follows it into its partition', async () => {
    const sent: unknown[] = [];
    const states = [ACCEPTED, STAGED, SEALED];
    render({
      [`GET ${ROUTE}`]: () => ({
        items: sent.length === 0 ? [] : [states.shift() ?? SEALED],
      }),
      [`POST ${ROUTE}`]: ({ body }) => {
        sent.push(body);
        return testEvent();
      },
    });
    const opener = await screen.findByRole('button', {
      name: 'Send a test event',
    });
    act(() => opener.focus());
    await userEvent.keyboard('{Enter}');
    const field = await screen.findByLabelText(/Data of the test event/);
    expect(field).toHaveFocus();
    expect(field).toHaveValue('{\n  "id": 1\n}');

    await userEvent.clear(field);
    await userEvent.type(field, '{{"id": 12345678901234567890');
    await userEvent.tab();
    await userEvent.keyboard('{Enter}');
    expect(await screen.findByText(/It is not JSON/)).toBeInTheDocument();
    expect(sent).toEqual([]);
    await userEvent.type(field, '}');
    await userEvent.tab();
    await userEvent.keyboard('{Enter}');

    const track = await screen.findByRole('region', {
      name: 'The newest test event',
    });
    // As it was written: no digit is lost on the way.
    expect(sent).toEqual([{ data: '{"id": 12345678901234567890}' }]);
    await waitFor(() =>
      expect(
        screen.getByRole('button', { name: 'Send another test event' }),
      ).toHaveFocus(),
    );
    await waitFor(
      () => expect(track).toHaveTextContent(/lies in the partition/),
      { timeout: 10_000 },
    );
    expect(
      within(track).getByRole('link', { name: 'Open its partition' }),
    ).toHaveAttribute(
      'href',
      '/catalog/default/eventtype/repository.pushed/delivery?partition=2026-11-21T10%3A00%3A00.000Z',
    );
  });

  it('shows where a refused one does not fit and what to do', async () => {
    render({
      [`GET ${ROUTE}`]: () => ({
        items: [REFUSED, { ...SEALED, testEventId: 'another' }],
      }),
    });
    const track = await screen.findByRole('region', {
      name: 'The newest test event',
    });
    expect(track).toHaveTextContent('Field /data/id must be a whole number');
    expect(track).toHaveTextContent(/Write a value of the type/);
    expect(
      within(track).getByRole('link', { name: /among the refused events/ }),
    ).toHaveAttribute('href', expect.stringContaining(`eventId=${ID}`));
    const earlier = screen.getByRole('table', { name: 'Earlier test events' });
    expect(earlier).toHaveTextContent('sealed');
  });

  it('keeps what was written when it could not be sent', async () => {
    render({
      [`GET ${ROUTE}`]: () => ({ items: [] }),
      [`POST ${ROUTE}`]: () => failure(403, 'You may not'),
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Send a test event' }),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Send the test event' }),
    );
    expect(
      await screen.findByText('The test event was not sent.'),
    ).toBeInTheDocument();
    expect(screen.getByLabelText(/Data of the test event/)).toHaveValue(
      '{\n  "id": 1\n}',
    );
  });

  it('says that they could not be loaded, and lets one try again', async () => {
    render({ [`GET ${ROUTE}`]: () => failure(404, 'gone') });
    expect(
      await screen.findByText('The test events could not be loaded.'),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('button', { name: 'Try again' }),
    ).toBeInTheDocument();
  });
});
