import { defineConfig } from 'vitest/config'

const root = new URL('..', import.meta.url).pathname

/** Tests of what is built rather than of the source: they start programs or import the package as installed. */
const built = ['test/package/**/*.test.ts', 'test/cli/**/*.test.ts']

export default defineConfig({
  root,
  resolve: {
    // Public tests, docs and examples import the package by name and still run the source.
    alias: [
      { find: /^opsin$/, replacement: `${root}src/index.ts` },
      { find: /^opsin\/node$/, replacement: `${root}src/io/node/index.ts` },
      { find: /^opsin\/(.+)$/, replacement: `${root}src/$1/index.ts` },
    ],
  },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['test/support/quiet.ts'],
    reporters: ['default', `${root}test/support/count-reporter.ts`],
    projects: [
      { extends: true, test: { name: 'source', include: ['test/**/*.test.ts'], exclude: built } },
      { extends: true, test: { name: 'built', include: built, globalSetup: ['test/support/build.ts'] } },
    ],
  },
})
