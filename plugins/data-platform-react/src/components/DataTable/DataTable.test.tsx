import { CellText } from '@backstage/ui';
import {
  act,
  fireEvent,
  render,
  screen,
  waitFor,
} from '@testing-library/react';
import { MemoryRouter, useLocation } from 'react-router-dom';
import { type DataColumn, DataTable, useTableQuery } from '.';

interface Row {
  id: string;
  size: number;
}

const COLUMNS: DataColumn<Row>[] = [
  {
    id: 'name',
    label: 'Name',
    isRowHeader: true,
    sortBy: row => row.id,
    cell: row => <CellText title={row.id} />,
  },
  {
    id: 'size',
    label: 'Size',
    sortBy: row => row.size,
    cell: row => <CellText title={String(row.size)} />,
  },
];

const textsOf = ({ id }: Row) => [id];

/** `thing-0000` and on; the size runs the other way. */
function things(count: number): Row[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `thing-${String(at).padStart(4, '0')}`,
    size: count - at,
  }));
}

function Address() {
  return <output aria-label="address">{useLocation().search}</output>;
}

function Page(props: { rows: Row[]; total?: number }) {
  const query = useTableQuery();
  return (
    <>
      <DataTable
        of={{ one: 'thing', many: 'things' }}
        rows={props.rows}
        total={props.total}
        columns={COLUMNS}
        defaultSort={{ column: 'name', direction: 'ascending' }}
        query={query}
        searchHint="Name"
        textsOf={textsOf}
        filterParams={['kind']}
      />
      <Address />
    </>
  );
}

function open(rows: Row[], options: { address?: string; total?: number } = {}) {
  const { address = '/', total } = options;
  return render(
    <MemoryRouter
      initialEntries={[address]}
      future={{ v7_relativeSplatPath: false, v7_startTransition: false }}
    >
      <Page rows={rows} total={total} />
    </MemoryRouter>,
  );
}

const names = () => screen.getAllByRole('rowheader').map(it => it.textContent);
const address = () => screen.getByLabelText('address').textContent;
/** A machine may be slow; a search that finds nothing at all is what fails. */
const PATIENCE = { timeout: 10_000 };
jest.setTimeout(30_000);
const search = (text: string) =>
  act(async () => {
    fireEvent.change(screen.getByRole('searchbox', { name: 'Search things' }), {
      target: { value: text },
    });
  });

describe('DataTable', () => {
  it('draws one page of 2,000 rows and says how many there are', () => {
    open(things(2000));
    expect(names()).toHaveLength(20);
    expect(names()[0]).toBe('thing-0000');
    expect(screen.getByText('2,000 things')).toBeInTheDocument();
    expect(screen.getByText('1 - 20 of 2000')).toBeInTheDocument();
  });

  it('keeps search, order and page in the address, and leads back to the first page', async () => {
    open(things(100), { address: '/?page=3&sort=-size' });
    expect(names()[0]).toBe('thing-0040');

    fireEvent.click(screen.getByRole('button', { name: /next/i }));
    expect(address()).toBe('?page=4&sort=-size');

    await search('thing-009');
    await waitFor(() => expect(names()).toHaveLength(10), PATIENCE);
    expect(address()).toBe('?sort=-size&q=thing-009');
    expect(screen.getByText('10 of 100 things')).toBeInTheDocument();
  });

  it('takes the focus that the last page drops', async () => {
    open(things(30));
    // It takes none by appearing: the first Tab belongs to the page.
    expect(document.body).toHaveFocus();
    const next = screen.getByRole('button', { name: /next/i });
    await act(async () => next.focus());
    await act(async () => {
      fireEvent.click(next);
      // What a browser does to the focus of a button that is disabled.
      next.blur();
    });
    expect(screen.getByRole('region', { name: 'things' })).toHaveFocus();
  });

  it('shows the last page where the address names one that is not there', () => {
    open(things(45), { address: '/?page=9' });
    expect(names()).toHaveLength(5);
  });

  it('takes an order that is not known for none', () => {
    open(things(3), { address: '/?sort=colour&page=-1&rows=7' });
    expect(names()).toEqual(['thing-0000', 'thing-0001', 'thing-0002']);
  });

  it('says that nothing fits and leads out of it, with filters and search taken away at once', async () => {
    open(things(2), { address: '/?kind=blue&q=other', total: 30 });
    expect(screen.getByText('No thing fits.')).toBeInTheDocument();
    await act(async () => {
      fireEvent.click(
        screen.getByRole('button', { name: 'Show all 30 things' }),
      );
    });
    expect(address()).toBe('');
    expect(names()).toHaveLength(2);
  });

  it('finds what holds all words, in any order', async () => {
    open(
      [
        { id: 'order placed', size: 1 },
        { id: 'order paid', size: 2 },
      ],
      {},
    );
    await search('PLACED order');
    await waitFor(() => expect(names()).toEqual(['order placed']), PATIENCE);
  });
});
