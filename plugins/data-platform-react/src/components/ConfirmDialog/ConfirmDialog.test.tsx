import { act, fireEvent, render, screen } from '@testing-library/react';
import { Button } from '@backstage/ui';
import { useState } from 'react';
import { ConfirmDialog, type ConfirmReason } from '.';

const REASON: ConfirmReason = {
  label: 'Reason',
  description: 'Stays with it.',
  minLength: 3,
  maxLength: 500,
};

function Page(props: {
  onConfirm: (reason: string) => Promise<void>;
  reason?: ConfirmReason;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onPress={() => setOpen(true)}>Stop</Button>
      {isOpen && (
        <ConfirmDialog
          title="Stop the pump?"
          verb="Stop the pump"
          otherwise="Let it run"
          isDestructive
          failure="The pump was not stopped."
          onClose={() => setOpen(false)}
          {...props}
        >
          3 fields stay dry.
        </ConfirmDialog>
      )}
    </>
  );
}

const press = (name: string) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }));
  });

describe('ConfirmDialog', () => {
  it('does nothing before a reason is given, then does it once and closes', async () => {
    const onConfirm = jest
      .fn<Promise<void>, [string]>()
      .mockResolvedValue(undefined);
    render(<Page onConfirm={onConfirm} reason={REASON} />);
    await press('Stop');
    expect(screen.getByRole('dialog')).toHaveTextContent('3 fields stay dry.');

    await press('Stop the pump');
    expect(onConfirm).not.toHaveBeenCalled();
    expect(screen.getByText('Say why, in a few words.')).toBeInTheDocument();

    await act(async () => {
      fireEvent.change(screen.getByLabelText(/^Reason/), {
        target: { value: '  It leaks. ' },
      });
    });
    await press('Stop the pump');
    expect(onConfirm.mock.calls).toEqual([['It leaks.']]);
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('stays open with what was filled in when it fails', async () => {
    const onConfirm = jest
      .fn<Promise<void>, [string]>()
      .mockRejectedValue(new Error('The valve is stuck'));
    render(<Page onConfirm={onConfirm} />);
    await press('Stop');
    await press('Stop the pump');
    expect(screen.getByRole('alert')).toHaveTextContent(
      /The pump was not stopped.*The valve is stuck/,
    );
    expect(
      screen.getByRole('button', { name: 'Stop the pump' }),
    ).toBeInTheDocument();
  });

  it('leaves without doing it, by its button and by Escape', async () => {
    const onConfirm = jest.fn<Promise<void>, [string]>();
    render(<Page onConfirm={onConfirm} />);
    await press('Stop');
    await press('Let it run');
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();

    await press('Stop');
    await act(async () => {
      fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Escape' });
    });
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(onConfirm).not.toHaveBeenCalled();
  });
});
