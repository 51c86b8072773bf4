/**
 * Who may import whom: besides itself, a folder of src/ may import what stands beside it, and nothing else.
 * docs/architecture.md prints this table (a test compares the two). A folder inside a folder (`io/node`,
 * `tasks/define`) is a place of its own only where this table names it.
 */
const layers = {
  core: '',
  ops: 'core',
  graph: 'core, ops',
  backends: 'core, ops, graph, onnx/lower',
  architectures: 'core, ops, graph',
  objectives: 'core, ops, graph, architectures, optimizers',
  interventions: 'core, graph, architectures',
  optimizers: 'core, graph',
  compile: 'core, graph, backends, architectures, interventions, optimizers',
  tasks: 'core, objectives',
  probes: 'core, graph, architectures, tasks/define',
  io: 'core',
  'io/node': 'core, io',
  inference: 'core, graph, backends, architectures, objectives, interventions, compile',
  'onnx/lower': 'core, ops, graph',
  onnx: 'core, ops, graph, backends, architectures, objectives, interventions, compile, inference',
  runtime: 'core, graph, backends, architectures, objectives, interventions, compile, inference, onnx',
  train:
    'core, graph, optimizers, io, backends, architectures, objectives, interventions, compile, inference, probes, tasks/define',
  testing: 'core, ops, graph, backends, architectures, objectives, inference',
  views: 'core',
  figures: 'core, train, interventions/schedule',
  reproduce: 'everything but cli, config, workers',
  config: 'everything but cli, workers',
  workers: 'everything but cli',
  extend: 'core, ops, graph, architectures, objectives, interventions',
  models: 'everything but cli',
  cli: 'everything',
}

/** Packages that only these folders may use; the others in package.json are free for all. */
const packages = {
  ndarray: 'views',
  'ndarray-ops': 'views',
  vega: 'figures',
  'vega-interpreter': 'figures',
  'vega-lite': 'figures',
  asciichart: 'figures, cli',
  'cli-progress': 'cli',
  'cli-table3': 'cli',
  commander: 'cli',
  piscina: 'workers',
  'onnx-buf': 'onnx',
  '@bufbuild/protobuf': 'onnx',
  'onnxruntime-node': 'backends',
  'onnxruntime-web': 'backends',
}

/** Packages that users install where they want what needs them; asked for when it is used. */
const peers = ['onnxruntime-node', 'onnxruntime-web']

/** Packages of which the build takes in the part that is used: a user installs nothing. */
const bundled = ['onnx-buf', '@bufbuild/protobuf']

/** The public doors that must load in a browser. */
const browserDoors =
  '^src/(index|extend/index|io/index|onnx/index|runtime/index|testing/index|views/index|figures/index)[.]ts$'

const list = (text) => text.split(', ').filter((name) => name !== '')
const place = (name) => `^src/${name}(/|[.]ts$)`
const nested = Object.keys(layers).filter((name) => name.includes('/'))
const insideOf = (name) => nested.filter((inner) => inner.startsWith(`${name}/`)).map(place)

/** What a row of the table forbids. */
function layer([name, row]) {
  const [, ...but] = /^everything(?: but (.*))?$/.exec(row) ?? []
  const to = row.startsWith('everything')
    ? { path: but[0] ? list(but[0]).map(place) : [] }
    : { path: '^src/', pathNot: [place(name), ...list(row).map(place)] }
  // `io` among the allowed does not mean `io/node`, which only its own row, its own name or `everything` opens.
  const closed = nested.filter(
    (inner) => inner !== name && !list(row).includes(inner) && list(row).includes(inner.split('/')[0]),
  )
  const from = { path: place(name), pathNot: insideOf(name) }
  const comment = `src/${name} may import ${[name, ...list(row)].join(', ')}. Move what both sides need down into a layer that both may import (usually core), or hand it in as an argument. The table is in docs/architecture.md.`
  return [
    ...(to.path.length > 0 ? [{ name: `layer-${name}`, comment, severity: 'error', from, to }] : []),
    ...closed.map((inner) => ({
      name: `layer-${name}-not-${inner}`,
      comment,
      severity: 'error',
      from,
      to: { path: place(inner) },
    })),
  ]
}

/** Which folders a package belongs to. */
function belongs([name, folders]) {
  return {
    name: `package-${name}`,
    comment: `${name} is for ${folders} only, so that nobody else has to download or load it. Use what those folders export, or do without.`,
    severity: 'error',
    from: { path: '^src/', pathNot: list(folders).map(place) },
    to: { path: `(^|/)node_modules/(@types/)?${name}/` },
  }
}

const rules = [
  {
    name: 'no-cycle',
    comment: 'Two files that need each other: move what they share into a third, or pass it as an argument.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-orphan',
    comment: 'Nothing imports this file and it imports nothing: add its line to the index of its folder, or delete it.',
    from: { orphan: true, path: '^src/', pathNot: '[.](mjs|d[.]ts)$' },
    to: {},
  },
  {
    name: 'no-unresolved',
    comment: 'There is no such file or package: mind the .ts at the end, and npm ci.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-undeclared-package',
    comment: 'Users would not get this package: put it among the dependencies of package.json (npm i --save-exact).',
    from: { path: '^src/', pathNot: '[.]mjs$' },
    to: {
      dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
      dependencyTypesNot: ['type-only'],
      pathNot: [...bundled, ...peers].map((name) => `(^|/)node_modules/${name}/`),
    },
  },
  {
    name: 'node-only-where-named',
    comment:
      'Node built-ins are for src/io/node, src/workers, src/models and src/cli, since all else must run in a browser: take bytes, or a function that reads them, as an argument.',
    from: { path: '^src/', pathNot: ['^src/io/node/', '^src/workers/', '^src/models/', '^src/cli/', '[.]mjs$'] },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'browser-doors-reach-no-node',
    comment:
      'This file is reachable from a door that browsers open: keep it behind opsin/node, opsin/workers or the command line.',
    from: { path: browserDoors },
    to: { reachable: true, path: '^src/(io/node|workers|models|cli)/' },
  },
  {
    name: 'every-folder-has-its-row',
    comment:
      'This folder is not in the table of layers: add its row in .dependency-cruiser.cjs and docs/architecture.md.',
    from: { path: '^src/', pathNot: ['^src/index[.]ts$', ...Object.keys(layers).map(place)] },
    to: {},
  },
  {
    name: 'ops-are-siblings',
    comment: 'An op is one file: what two ops need belongs in src/ops/shared/.',
    from: { path: '^src/ops/', pathNot: '^src/ops/(index|registry)[.]ts$' },
    to: { path: '^src/ops/', pathNot: '^src/ops/(define[.]ts$|shared/)' },
  },
  {
    name: 'figures-read-types-of-train',
    comment:
      'A figure draws records; it trains nothing: import the type, or the check that they are records, and take the records as an argument.',
    from: { path: '^src/figures/' },
    to: { path: '^src/train/', pathNot: '^src/train/checkpoint-header[.]ts$', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'nobody-imports-the-door',
    comment: 'src/index.ts is for users. Import the file that defines the thing.',
    from: { path: '^src/' },
    to: { path: '^src/index[.]ts$' },
  },
  {
    name: 'src-stands-alone',
    comment: 'The library does not know its tests, examples and docs: move what it needs into src/.',
    from: { path: '^src/' },
    to: { path: '^(test|examples|docs|models)/' },
  },
  {
    name: 'examples-are-users',
    comment: 'Examples import opsin and its subpaths by name, as a user would; if a name is missing there, export it.',
    from: { path: '^examples/' },
    to: { path: '^(src|test)/', dependencyTypesNot: ['aliased-tsconfig-paths'] },
  },
]

module.exports = {
  forbidden: [
    ...rules.map((rule) => ({ severity: 'error', ...rule })),
    ...Object.entries(layers).flatMap(layer),
    ...Object.entries(packages).map(belongs),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/backends/wasm/(assembly|generated)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'node', 'default'] },
  },
}

// For the test of docs/architecture.md; dependency-cruiser refuses settings that it does not know, and does not see this.
Object.defineProperty(module.exports, 'layers', { value: layers })
