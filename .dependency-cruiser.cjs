// The allowed arrows between rooms (docs/architecture.md). `npm run lint` fails
// on an import this file does not allow; a new arrow is a decision, with an ADR.
const room = '^(packages|plugins|examples)/([^/]+)/';

/** Data plane packages and the packages of ours each may import. */
const dataPlane = {
  schema: [],
  sdk: ['schema'],
  ledger: [],
  lake: ['schema'],
  'pubsub-local': [],
  gateway: ['schema', 'ledger'],
  'delivery-worker': ['schema', 'ledger', 'lake'],
  runtime: [
    'schema',
    'sdk',
    'ledger',
    'gateway',
    'pubsub-local',
    'delivery-worker',
  ],
};

// Tests may drive other rooms: the real broker, the SDK against a whole Millrace.
const tests =
  '\\.test\\.tsx?$|/e2e-tests/|/__fixtures__/|/__testUtils__/|/testUtils/';

const dataPlaneRules = Object.entries(dataPlane).map(([name, allowed]) => ({
  name: `${name}-imports-only-its-allowed-rooms`,
  comment: `packages/${name} may import: ${
    allowed.join(', ') || 'nothing of ours'
  }`,
  severity: 'error',
  from: { path: `^packages/${name}/`, pathNot: tests },
  to: {
    path: room,
    pathNot: [name, ...allowed].map(target => `^packages/${target}/`),
  },
}));

const familyRules = ['event-types', 'delivery'].map(family => ({
  name: `${family}-meets-others-through-node-and-common`,
  comment: 'A family is installable without the others.',
  severity: 'error',
  from: { path: `^plugins/${family}[^/]*/`, pathNot: tests },
  to: {
    path: '^plugins/',
    pathNot: [
      `^plugins/${family}[^/]*/`,
      '^plugins/[^/]+-(node|common)/',
      '^plugins/data-platform-react/',
    ],
  },
}));

module.exports = {
  forbidden: [
    ...dataPlaneRules,
    {
      name: 'no-cycles',
      comment: 'Data flows one way.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-imports-the-apps',
      comment: 'app, backend and runtime are the outermost rooms.',
      severity: 'error',
      from: { pathNot: '^packages/(app|backend|runtime)/' },
      to: { path: '^packages/(app|backend|runtime)/' },
    },
    {
      name: 'no-frontend-imports-a-backend',
      severity: 'error',
      from: {
        path: '^(packages/app|plugins/(event-types|delivery|data-platform-react))/',
        pathNot: tests,
      },
      to: { path: '^(packages/(?!app/)|plugins/[^/]+-(backend|node))' },
    },
    {
      name: 'common-stays-common',
      comment: 'x-common has no server and no screen in it.',
      severity: 'error',
      from: { path: '^plugins/[^/]+-common/', pathNot: tests },
      to: { path: room, pathNot: '^plugins/[^/]+-common/' },
    },
    ...familyRules,
    {
      name: 'backends-import-node-and-common',
      comment:
        'event-types-backend may use schema; delivery-backend ledger, schema and lake; modules only -node and -common.',
      severity: 'error',
      from: {
        path: '^plugins/[^/]+-backend',
        pathNot: [tests, '^plugins/(event-types|delivery)-backend/'],
      },
      to: { path: '^packages/' },
    },
    {
      name: 'event-types-backend-imports-only-schema',
      severity: 'error',
      from: { path: '^plugins/event-types-backend/', pathNot: tests },
      to: { path: '^packages/', pathNot: '^packages/schema/' },
    },
    {
      name: 'delivery-backend-imports-ledger-schema-lake',
      severity: 'error',
      from: { path: '^plugins/delivery-backend/', pathNot: tests },
      to: { path: '^packages/', pathNot: '^packages/(ledger|schema|lake)/' },
    },
    {
      name: 'oracle-shares-no-code',
      comment:
        'The oracles must not be able to repeat a mistake of the pipeline.',
      severity: 'error',
      from: { path: '^scripts/(faults/)?oracle/' },
      to: { path: '^(packages|plugins|examples)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|dist-types|node_modules|coverage)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      mainFields: ['main', 'types'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
