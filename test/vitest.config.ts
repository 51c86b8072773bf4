import { defineConfig } from 'vitest/config'

const root = new URL('..', import.meta.url).pathname

export default defineConfig({
  root,
  resolve: {
    // Public tests, docs and examples import the package by name and still run the source.
    alias: [
      { find: /^opsin$/, replacement: `${root}src/index.ts` },
      { find: /^opsin\/(.+)$/, replacement: `${root}src/$1/index.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
  },
})
