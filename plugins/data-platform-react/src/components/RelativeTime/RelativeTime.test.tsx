import { act, fireEvent, render, screen } from '@testing-library/react';
import { RelativeTime } from '.';

describe('RelativeTime', () => {
  const time = (
    <RelativeTime
      iso="2026-11-21T10:52:04Z"
      now={new Date('2026-11-21T10:52:16Z')}
    />
  );

  it('tells the exact time to whoever reaches it by keyboard', async () => {
    render(time);
    const button = screen.getByRole('button', {
      name: '12 s ago, 2026-11-21 10:52:04 UTC',
    });
    expect(button.querySelector('time')).toHaveTextContent(/^12 s ago$/);
    await act(async () => {
      fireEvent.keyDown(document.body, { key: 'Tab' });
      button.focus();
    });
    expect(await screen.findByRole('tooltip')).toHaveTextContent(
      '2026-11-21 10:52:04 UTC',
    );
  });

  it('keeps the exact time in its place once it is pressed', async () => {
    render(time);
    await act(async () => {
      fireEvent.click(screen.getByRole('button'));
    });
    const button = screen.getByRole('button', {
      name: '2026-11-21 10:52:04 UTC, 12 s ago',
    });
    expect(button.querySelector('time')).toHaveTextContent(
      /^2026-11-21 10:52:04 UTC$/,
    );
  });
});
