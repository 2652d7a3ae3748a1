import { fireEvent, render, screen } from '@testing-library/react';
import { SkipLink } from './SkipLink';

describe('SkipLink', () => {
  it('leads to the page, whatever it begins with', () => {
    const { rerender } = render(
      <>
        <SkipLink />
        <h1>Catalog</h1>
      </>,
    );
    fireEvent.click(screen.getByRole('link', { name: 'Skip to the page' }));
    expect(screen.getByRole('heading')).toHaveFocus();

    rerender(
      <>
        <SkipLink />
        <h1>Catalog</h1>
        <main>Delivery</main>
      </>,
    );
    fireEvent.click(screen.getByRole('link', { name: 'Skip to the page' }));
    expect(screen.getByRole('main')).toHaveFocus();
  });
});
