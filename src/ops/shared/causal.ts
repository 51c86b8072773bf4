import { float, type OnnxContext, requireInputs, type ValueType } from '../define.ts'

/** Attributes of an op over [batch, head, query, key] in which a query sees no later key. */
export interface CausalAttrs {
  /** Which query each row is; default 0, 1, 2, … */
  readonly queries?: readonly number[]
}

export function queryOf({ queries }: CausalAttrs, row: number): number {
  return queries?.[row] ?? row
}

/** The type of x. @throws OpsinError `SHAPE` unless it is the only input, and has four axes. */
export function inferCausal(op: string, inputs: readonly ValueType[]): ValueType {
  const [x] = inputs
  const fits = inputs.length === 1 && x.shape.length === 4
  requireInputs(op, inputs, 'x [batch, head, query, key]', fits)
  return float(x.shape)
}

/** The attributes for some queries alone. */
export function ofQueries<Attrs extends CausalAttrs>(attrs: Attrs, rows: readonly number[]): Attrs {
  return { ...attrs, queries: rows.map((row) => queryOf(attrs, row)) }
}

/** x with a value in place of what the queries do not see. */
export function onnxMasked(context: OnnxContext<CausalAttrs>, value: number): string {
  const { names, attrs, shape, node, floats, bools } = context
  const [, , queries, keys] = shape
  const hidden = Array.from({ length: queries * keys }, (_, i) =>
    Number(i % keys > queryOf(attrs, Math.floor(i / keys))),
  )
  return node('Where', [bools(hidden, [1, 1, queries, keys]), floats([value], []), names[0]])
}
