import { act, render, screen } from '@testing-library/react';
import { PlainTable } from '.';

const table = (
  <PlainTable caption="Files" columns={[{ id: 'name', label: 'Name' }]}>
    <tr>
      <td>part-00000.parquet</td>
    </tr>
  </PlainTable>
);

/** The size of elements as a browser would lay them out, which jsdom does not. */
function layOut(widths: { inside: number; outside: number }) {
  jest
    .spyOn(Element.prototype, 'scrollWidth', 'get')
    .mockReturnValue(widths.inside);
  jest
    .spyOn(Element.prototype, 'clientWidth', 'get')
    .mockReturnValue(widths.outside);
  let resize = () => {};
  window.ResizeObserver = class {
    constructor(callback: ResizeObserverCallback) {
      resize = () => callback([], this);
    }
    observe() {}
    unobserve() {}
    disconnect() {}
  };
  return () => act(() => resize());
}

describe('PlainTable', () => {
  afterEach(() => {
    jest.restoreAllMocks();
    Reflect.deleteProperty(window, 'ResizeObserver');
  });

  it('can be scrolled by keyboard when it is wider than its place', () => {
    const resize = layOut({ inside: 900, outside: 400 });
    render(table);
    resize();
    expect(screen.getByRole('region', { name: 'Files' })).toHaveAttribute(
      'tabindex',
      '0',
    );
  });

  it('is no stop of the Tab key when all of it is in sight', () => {
    const resize = layOut({ inside: 400, outside: 400 });
    render(table);
    resize();
    expect(screen.queryByRole('region')).not.toBeInTheDocument();
    expect(screen.getByRole('table', { name: 'Files' })).toBeInTheDocument();
  });
});
