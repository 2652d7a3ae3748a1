import { renderInTestApp } from '@backstage/frontend-test-utils';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { YamlText } from './YamlText';

jest.setTimeout(60_000);

describe('YamlText', () => {
  it('saves exactly the text, under its name', async () => {
    const user = userEvent.setup();
    const saved: Blob[] = [];
    const names: string[] = [];
    // jsdom has neither addresses of blobs nor downloads.
    Object.assign(URL, {
      createObjectURL: (blob: Blob) => {
        saved.push(blob);
        return 'blob:text';
      },
      revokeObjectURL: () => {},
    });
    const click = jest
      .spyOn(HTMLAnchorElement.prototype, 'click')
      .mockImplementation(function noteName(this: HTMLAnchorElement) {
        names.push(this.download);
      });
    renderInTestApp(
      <YamlText text={'a: ü\n'} what="declaration" fileName="push.yaml" />,
    );
    await user.click(
      await screen.findByRole('button', { name: 'Download push.yaml' }),
    );
    click.mockRestore();
    expect(names).toEqual(['push.yaml']);
    expect(saved.map(({ size, type }) => [size, type])).toEqual([
      [new TextEncoder().encode('a: ü\n').length, 'application/yaml'],
    ]);
  });

  it('selects the text where the browser lets nobody copy', async () => {
    const user = userEvent.setup();
    const write = jest
      .spyOn(navigator.clipboard, 'writeText')
      .mockRejectedValue(new Error('not allowed'));
    renderInTestApp(
      <YamlText text="a: 1" what="contract" fileName="push.odcs.yaml" />,
    );
    await user.click(
      await screen.findByRole('button', { name: 'Copy the contract' }),
    );
    expect(
      await screen.findByText(
        'The contract is selected: copy it with your keyboard.',
      ),
    ).toBeInTheDocument();
    expect(String(window.getSelection())).toBe('a: 1');
    write.mockRestore();
  });
});
