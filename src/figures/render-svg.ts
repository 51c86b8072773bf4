import { requireRecord } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { show } from '../core/show.ts'
import type { Spec } from './spec.ts'

/**
 * A figure as SVG text. Needs no browser: vega and vega-lite are loaded when first asked for. Equal figures give equal
 * text. Expressions are interpreted, never made into functions, so that pages whose content-security policy forbids `eval`
 * can draw too.
 *
 * @throws OpsinError `VALUE` for a value that is no vega-lite specification.
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
  const errors: unknown[] = []
  const logger = listener((error) => errors.push(error))
  try {
    const { spec: compiled } = vegaLite.compile(spec as unknown as Parameters<typeof vegaLite.compile>[0], { logger })
    const view = new vega.View(vega.parse(compiled, undefined, { ast: true }), {
      renderer: 'none',
      logger,
      expr: expressionInterpreter,
    })
    const svg = await view.toSVG()
    view.finalize()
    // What goes wrong while vega computes it only logs, and goes on to draw what is left.
    if (errors.length > 0) throw errors[0]
    return svg
  } catch (cause) {
    throw new OpsinError('VALUE', {
      where: 'renderSvg',
      expected: 'a vega-lite specification',
      got: show(spec),
      hint: "What vega said is this error's cause.",
      cause,
    })
  }
}

/** A library does not talk: a logger for vega that hands on errors and says nothing. */
function listener(onError: (error: unknown) => void) {
  const logger: any = {}
  for (const name of ['level', 'warn', 'info', 'debug']) logger[name] = () => logger
  logger.error = (error: unknown) => {
    onError(error)
    return logger
  }
  return logger
}
