/**
 * The import table of docs/architecture.md, enforced. A folder may import itself, the folders named
 * here, and packages; `types` are folders of which it may import types only (erased at build).
 */
const table = {
  domain: { may: [], types: [] },
  exchange: { may: ['domain'], types: [] },
  storage: { may: ['domain'], types: [] },
  runtime: { may: ['domain'], types: [] },
  workflows: { may: ['domain'], types: ['activities'] },
  activities: { may: ['domain', 'exchange', 'storage'], types: ['runtime'] },
  workers: {
    may: ['domain', 'exchange', 'storage', 'runtime', 'workflows', 'activities'],
    types: [],
  },
  steering: { may: ['domain', 'runtime'], types: ['activities'] },
  dashboard: { may: ['domain', 'runtime', 'storage', 'steering'], types: [] },
  stack: { may: ['domain', 'runtime'], types: [] },
  simulator: { may: ['domain'], types: [] },
};

const rules = Object.entries(table).flatMap(([folder, { may, types }]) => {
  const values = [folder, ...may].join('|');
  const all = [folder, ...may, ...types].join('|');
  const from = { path: `^${folder}/` };
  const local =
    '^(domain|exchange|storage|runtime|workflows|activities|workers|cli|stack|steering|dashboard|simulator|bench|test)/';
  return [
    {
      name: `${folder}-values`,
      severity: 'error',
      from,
      to: { path: local, pathNot: `^(${values})/`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: `${folder}-types`,
      severity: 'error',
      from,
      to: { path: local, pathNot: `^(${all})/` },
    },
  ];
});

module.exports = {
  forbidden: [
    ...rules,
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'domain-is-pure',
      comment: 'no I/O and no clock in domain, no packages either',
      severity: 'error',
      from: { path: '^domain/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'] },
    },
    {
      name: 'workflows-are-deterministic',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'], pathNot: '@temporalio/(workflow|common)' },
    },
    {
      name: 'cli-starts-quickly',
      comment:
        'a command loads the part that it starts by dynamic import, so --help never loads ccxt or the worker',
      severity: 'error',
      from: { path: '^cli/' },
      to: {
        path: '^(exchange|activities|workers|workflows|simulator|stack|dashboard|bench|test)/',
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'product-never-imports-tests',
      severity: 'error',
      from: { pathNot: '^(test|bench)/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'no-development-packages-in-the-product',
      severity: 'error',
      from: {
        path: '^(domain|exchange|storage|runtime|workflows|activities|workers|cli|stack|steering|dashboard|simulator)/',
        // bundled by the build
        pathNot: '^dashboard/page/',
      },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
