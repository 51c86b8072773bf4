/**
 * How many moments to try in a test that interrupts something at seeded moments: so many in CI, more on request
 * (`OPSIN_MOMENTS=500 npx vitest run --config test/vitest.config.ts test/cli/abort.test.ts`).
 */
export function manyMoments(usual: number): number {
  return Number(process.env.OPSIN_MOMENTS ?? usual)
}
