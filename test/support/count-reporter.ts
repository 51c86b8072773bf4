import type { Reporter, TestCase, TestModule } from 'vitest/node'

/**
 * Ends the output with one plain line, `N passed, N failed` (and `, N skipped` where some were). A file that could not
 * be loaded and an error outside any test count as failed.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0 }
    for (const module of modules) {
      const states = [...module.children.allTests()].map(stateOf)
      for (const state of states) count[state]++
      // A hook or an import that threw fails the file without failing a test.
      if (!module.ok() && !states.includes('failed')) count.failed++
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ''
    console.log(`${count.passed} passed, ${count.failed} failed${skipped}`)
  }
}

/** A test that never got to run, because its file or its hooks failed, has not passed. */
function stateOf(test: TestCase): 'passed' | 'failed' | 'skipped' {
  const { state } = test.result()
  return state === 'pending' ? 'failed' : state
}
