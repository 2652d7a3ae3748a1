import { renderInTestApp } from '@backstage/test-utils';
import { screen } from '@testing-library/react';
import { StatLine } from '../StatLine';
import { PageFrame } from '.';

describe('PageFrame', () => {
  it('has the question, the answer, the numbers, the picture and the table, in this order', async () => {
    await renderInTestApp(
      <PageFrame
        title="Pumps"
        question="Do all pumps run?"
        answer="2 of 3 pumps run"
        status="attention"
        detail="The third is being repaired."
        notices={<p>This was known a minute ago.</p>}
        stats={
          <StatLine
            label="Now"
            stats={[{ label: 'Running', value: 2, note: 'of 3' }]}
          />
        }
        picture={<p>the picture</p>}
        actions={<button type="button">Add a pump</button>}
      >
        <p>the table</p>
      </PageFrame>,
    );
    const page = screen.getByRole('main');
    expect(page).toHaveTextContent(
      /Do all pumps run\?2 of 3 pumps run.*being repaired.*Add a pump.*a minute ago.*Running2of 3the picturethe table/,
    );
    expect(
      screen.getByRole('heading', { name: '2 of 3 pumps run' }),
    ).toBeInTheDocument();
    // What is announced is the answer, and not what changes around it.
    expect(screen.getByRole('status')).toHaveTextContent(/^2 of 3 pumps run$/);
    expect(document.title).toContain('Pumps | ');
  });
});
