import { act, fireEvent, render, screen } from '@testing-library/react';
import { CopyText } from '.';

function allowCopying(writeText: (text: string) => Promise<void>) {
  Object.defineProperty(navigator, 'clipboard', {
    configurable: true,
    value: { writeText },
  });
}

describe('CopyText', () => {
  afterEach(() => {
    Reflect.deleteProperty(navigator, 'clipboard');
    window.getSelection()?.removeAllRanges();
  });

  const press = () =>
    act(async () => {
      fireEvent.click(screen.getByRole('button', { name: 'Copy the key id' }));
    });

  it('copies the text and says so', async () => {
    const copied: string[] = [];
    allowCopying(async text => {
      copied.push(text);
    });
    render(<CopyText text="98455bsnr9" what="key id" />);
    await press();
    expect(copied).toEqual(['98455bsnr9']);
    expect(screen.getByRole('status')).toHaveTextContent(
      'The key id is copied.',
    );
  });

  it('selects the text where the browser allows no copying', async () => {
    allowCopying(async () => {
      throw new Error('denied');
    });
    render(<CopyText text="98455bsnr9" what="key id" />);
    await press();
    expect(window.getSelection()?.toString()).toBe('98455bsnr9');
    expect(screen.getByRole('status')).toHaveTextContent(
      'The key id is selected: copy it with your keyboard.',
    );
  });
});
