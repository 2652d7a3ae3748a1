import { render, screen } from '@testing-library/react';
import { STATUSES, STATUS_SHAPES, StatusBadge } from '.';

describe('StatusBadge', () => {
  it('says every state in words and repeats it in a shape that is hidden from screen readers', () => {
    const { container } = render(
      <>
        {STATUSES.map(status => (
          <StatusBadge key={status} status={status}>
            {`it is ${status}`}
          </StatusBadge>
        ))}
      </>,
    );
    for (const status of STATUSES) {
      expect(screen.getByText(`it is ${status}`)).toBeInTheDocument();
    }
    const shapes = [...container.querySelectorAll('svg')];
    expect(shapes.map(shape => shape.dataset.status)).toEqual(STATUSES);
    expect(
      shapes.every(shape => shape.getAttribute('aria-hidden') === 'true'),
    ).toBe(true);
  });

  it('gives every state an outline of its own', () => {
    const outlines = STATUSES.map(status => STATUS_SHAPES[status].outline);
    expect(new Set(outlines).size).toBe(STATUSES.length);
    const drawn = new Set(Object.keys(STATUS_SHAPES));
    expect(drawn).toEqual(new Set(STATUSES));
  });
});
