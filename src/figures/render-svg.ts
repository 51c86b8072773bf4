import { requireRecord } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import type { Spec } from './spec.ts'

/**
 * A figure as SVG text. Needs no browser: vega and vega-lite are loaded when first asked for. Equal figures give equal
 * text. Expressions are interpreted, never made into functions, so that pages whose content-security policy forbids `eval`
 * can draw too.
 *
 * @throws OpsinError `VALUE` for what is no vega-lite specification.
 * @example
 * import { lossCurves, renderSvg } from 'opsin/figures'
 * const svg = await renderSvg(lossCurves({ clamped: [[0, 1.6], [5000, 0.7]] }, { title: 'A clamped run' }))
 * console.assert(svg.includes('A clamped run'))
 */
export async function renderSvg(spec: Spec): Promise<string> {
  requireRecord('renderSvg', spec, 'a vega-lite specification')
  const [vega, vegaLite, { expressionInterpreter }] = await Promise.all([
    import('vega'),
    import('vega-lite'),
    import('vega-interpreter'),
  ])
  // vega numbers the parts of a picture on and on; from the start again, or the text would tell what was drawn before.
  vega.resetSVGDefIds()
  try {
    const { spec: compiled } = vegaLite.compile(spec as unknown as Parameters<typeof vegaLite.compile>[0], {
      logger: silent,
    })
    const view = new vega.View(vega.parse(compiled, undefined, { ast: true }), {
      renderer: 'none',
      logLevel: vega.Error,
      expr: expressionInterpreter,
    })
    const svg = await view.toSVG()
    view.finalize()
    return svg
  } catch (cause) {
    throw new OpsinError('VALUE', {
      where: 'renderSvg',
      expected: 'a vega-lite specification',
      got: String(cause),
      cause,
    })
  }
}

/** A library does not talk. */
const silent = Object.fromEntries(
  ['level', 'error', 'warn', 'info', 'debug'].map((name) => [name, () => silent]),
) as any
