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

/** x with a value in place of what the queries do not see: keys that come later. */
export function onnxMasked(
  { names, attrs, shape, node, floats, int64s }: OnnxContext<CausalAttrs>,
  value: number,
): string {
  const [, , queries, keys] = shape
  const upTo = (n: number) => node('Range', [int64s([0], []), int64s([n], []), int64s([1], [])])
  const rows = attrs.queries === undefined ? upTo(queries) : int64s(attrs.queries, [queries])
  const hidden = node('Less', [node('Unsqueeze', [rows, int64s([1], [1])]), upTo(keys)])
  return node('Where', [hidden, floats([value], []), names[0]])
}
