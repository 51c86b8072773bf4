import { defineConfig } from 'tsup'

/** What users import, one entry a subpath of `exports` in package.json: these get types. */
const doors = {
  index: 'src/index.ts',
  'io/index': 'src/io/index.ts',
  'io/node/index': 'src/io/node/index.ts',
  'testing/index': 'src/testing/index.ts',
  'views/index': 'src/views/index.ts',
  'figures/index': 'src/figures/index.ts',
  'reproduce/index': 'src/reproduce/index.ts',
  'workers/index': 'src/workers/index.ts',
  'onnx/index': 'src/onnx/index.ts',
  'runtime/index': 'src/runtime/index.ts',
  'extend/index': 'src/extend/index.ts',
  'models/index': 'src/models/index.ts',
}

/** What only runs. */
const programs = {
  'cli/main': 'src/cli/main.ts',
  'cli/worker': 'src/cli/worker.ts',
  'workers/worker': 'src/workers/worker.ts',
}

export default defineConfig([
  {
    entry: { ...doors, ...programs },
    format: 'esm',
    target: 'es2022',
    splitting: true,
    dts: { entry: doors },
  },
  // What threads begin with, in the one form that is safe to load there.
  { entry: { 'workers/enter': 'src/workers/enter.ts' }, format: 'cjs', target: 'es2022', splitting: false },
])
