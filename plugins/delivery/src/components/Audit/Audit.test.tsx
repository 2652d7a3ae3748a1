import { renderInTestApp } from '@backstage/frontend-test-utils';
import type {
  AuditCoverage,
  AuditFinding,
} from '@millrace/plugin-delivery-common';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { DeliveryClient, deliveryApiRef } from '../../api';
import { type Routes, backends, failure } from '../../__testUtils__/estate';
import { permissionsWithout } from '../../__testUtils__/permissions';
import { rootRouteRef } from '../../routes';
import { AuditPage } from './AuditPage';

const FINDING: AuditFinding = {
  findingId: '11111111-1111-4111-8111-111111111111',
  code: 'declared_batches_missing',
  severity: 'critical',
  state: 'open',
  message: 'Batches 3 to 5 that gateway g declared have never arrived',
  eventType: 'repository.pushed',
  bucketStart: '2026-11-21T10:00:00.000Z',
  gateway: { gateway: 'g', epoch: 'e1', firstBatch: 3, lastBatch: 5 },
  firstSeenAt: '2026-11-21T10:53:10.000Z',
  lastSeenAt: '2026-11-21T10:53:10.000Z',
  seenCount: 1,
};

const COVERAGE: AuditCoverage = {
  cycleSeconds: 7 * 24 * 60 * 60,
  livePartitions: 1200,
  auditedWithinCycle: 1198,
  neverAudited: 2,
  findings: { openCritical: 0, openWarnings: 0, acknowledged: 0 },
};

function renderPage(routes: Routes, at = '/delivery/audit') {
  const { fetchApi, requests } = backends({
    'GET /delivery/audit/findings': () => ({ items: [] }),
    'GET /delivery/audit/coverage': () => COVERAGE,
    ...routes,
  });
  renderInTestApp(<AuditPage />, {
    apis: [
      [deliveryApiRef, new DeliveryClient({ fetchApi })],
      permissionsWithout([]),
    ],
    mountedRoutes: { '/delivery': rootRouteRef },
    initialRouteEntries: [at],
  });
  return { requests };
}

describe('AuditPage', () => {
  it('answers in words that all is well, and how much of it was looked at', async () => {
    renderPage({});
    expect(
      await screen.findByText(
        'Everything the auditor has read is as it was sealed',
      ),
    ).toBeInTheDocument();
    expect(screen.getByText('No findings')).toBeInTheDocument();
    expect(
      screen.getByText(/^1,198 of 1,200 live partitions .* 2 were never/),
    ).toBeInTheDocument();
  });

  it('lists a finding with where it is and whose events it is about', async () => {
    const { requests } = renderPage(
      {
        'GET /delivery/audit/findings': () => ({ items: [FINDING] }),
        'GET /delivery/audit/coverage': () => ({
          ...COVERAGE,
          findings: { ...COVERAGE.findings, openCritical: 1 },
        }),
      },
      '/delivery/audit?eventType=repository.pushed',
    );
    expect(
      await screen.findByText('The auditor found something wrong: 1 critical'),
    ).toBeInTheDocument();
    const finding = screen.getByRole('row', { name: /never arrived/ });
    expect(finding).toHaveTextContent('critical');
    expect(finding).toHaveTextContent('repository.pushed');
    expect(finding).toHaveTextContent('gateway g, epoch e1, batches 3 to 5');
    expect(finding).toHaveTextContent('2026-11-21 10:00:00 UTC');
    expect(requests[0]).toContain('eventType=repository.pushed');
  });

  it('takes an acknowledgement with a reason, and says why when it is refused', async () => {
    const acknowledged: unknown[] = [];
    let isAllowed = false;
    renderPage({
      'GET /delivery/audit/findings': () => ({
        items: [
          acknowledged.length === 0
            ? FINDING
            : {
                ...FINDING,
                state: 'acknowledged',
                acknowledged: {
                  at: '2026-11-21T10:54:00.000Z',
                  by: 'user:default/owner',
                  why: 'on the broker',
                },
              },
        ],
      }),
      [`POST /delivery/audit/findings/${FINDING.findingId}/acknowledge`]: ({
        body,
      }) => {
        if (!isAllowed) {
          return failure(403, 'This needs a permission');
        }
        acknowledged.push(body);
        return FINDING;
      },
    });
    await userEvent.click(
      await screen.findByRole('button', { name: /^Acknowledge declared/ }),
    );
    const save = screen.getByRole('button', { name: 'Acknowledge' });
    expect(save).toBeDisabled();
    await userEvent.type(
      screen.getByLabelText('What is being done about it'),
      'on the broker',
    );
    await userEvent.click(save);
    expect(
      await screen.findByText('It was not acknowledged.'),
    ).toBeInTheDocument();
    isAllowed = true;
    await userEvent.click(screen.getByRole('button', { name: 'Acknowledge' }));
    expect(
      await screen.findByText('on the broker (user:default/owner)'),
    ).toBeInTheDocument();
    expect(acknowledged).toEqual([{ why: 'on the broker' }]);
  });

  it('leads from a damaged file to its repair, and from nothing else', async () => {
    const damaged: AuditFinding = {
      ...FINDING,
      findingId: '22222222-2222-4222-8222-222222222222',
      code: 'file_hash_differs',
    };
    renderPage({
      'GET /delivery/audit/findings': () => ({ items: [FINDING, damaged] }),
    });
    const repair = await screen.findByRole('link', { name: /^Repair/ });
    expect(repair).toHaveAttribute(
      'href',
      '/delivery/operations?repair=repository.pushed&kind=redeliver&buckets=2026-11-21T10%3A00%3A00.000Z',
    );
  });

  it('says what went wrong when nothing could be loaded', async () => {
    renderPage({
      'GET /delivery/audit/coverage': () => failure(403, 'No permission'),
    });
    expect(
      await screen.findByText('What the auditor found could not be loaded.'),
    ).toBeInTheDocument();
  });
});
