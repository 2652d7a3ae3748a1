import { fireEvent, render, screen } from '@testing-library/react';
import { Pager } from '.';

describe('Pager', () => {
  it('turns pages in the directions there are', () => {
    const older = jest.fn();
    render(<Pager label="rows" onOn={older} />);
    expect(screen.getByRole('navigation', { name: 'Pages of rows' })).toBe(
      screen.getByRole('navigation'),
    );
    expect(screen.getByRole('button', { name: 'Newer' })).toBeDisabled();
    fireEvent.click(screen.getByRole('button', { name: 'Older' }));
    expect(older).toHaveBeenCalledTimes(1);
  });

  it('is not there for a single page', () => {
    const { container } = render(<Pager label="rows" />);
    expect(container).toBeEmptyDOMElement();
  });
});
