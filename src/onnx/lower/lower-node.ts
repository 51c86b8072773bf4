import { OpsinError } from '../../core/errors.ts'
import type { Shape } from '../../core/shape.ts'
import type { OpNode } from '../../graph/node.ts'
import type { OnnxAttributes, OnnxContext } from '../../ops/define.ts'
import type { Constants } from './constants.ts'
import type { Names } from './names.ts'
import { attributeMessages, type NodeMessage } from './proto.ts'

/** A node of the graph in the file. */
export interface LoweredNode {
  /** The file's nodes that compute it; none where it is a constant, or a value that is there already. */
  readonly nodes: readonly NodeMessage[]
  /** The name of its value. */
  readonly value: string
}

export interface NodeContext {
  readonly constants: Constants
  readonly names: Names
  /** Names and shapes of the values that the node reads. */
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[]
  /** The node's name; its value's name too, where it has one of its own. */
  readonly label: string
  /** Takes the name of the node's value. */
  take(): string
}

/** A node as its op lowers it. Its inner values are called `LABEL/Mul`, `LABEL/Mul.2`. */
export function lowerNode(node: OpNode, { constants, names, inputs, label, take }: NodeContext): LoweredNode {
  const nodes: NodeMessage[] = []
  const constant: (type: 'float' | 'double' | 'int64' | 'bool') => OnnxContext<unknown>['floats'] =
    (type) => (values, shape) =>
      constants.add(type, values, shape, node.op)
  const value = lowered(node, label, {
    attrs: node.attrs,
    inputs: inputs.map(({ shape }) => shape),
    shape: node.shape,
    names: inputs.map((input) => input.name),
    node(opType: string, input: readonly string[], attributes: OnnxAttributes = {}) {
      const output = names.near(`${label}/${opType}`)
      nodes.push({
        name: output,
        opType,
        input: [...input],
        output: [output],
        attribute: attributeMessages(attributes),
      })
      return output
    },
    floats: constant('float'),
    doubles: constant('double'),
    int64s: constant('int64'),
    bools: constant('bool'),
  })
  const isOwn = nodes.some(({ output }) => output?.[0] === value)
  if (!isOwn) return { nodes, value }
  const own = take()
  const renamed = (text: string) => (text === value ? own : text)
  return {
    nodes: nodes.map((one) => ({
      ...one,
      name: renamed(one.name as string),
      input: one.input?.map(renamed) as string[],
      output: one.output?.map(renamed) as string[],
    })),
    value: own,
  }
}

/** @throws OpsinError `VALUE` naming an op that has no ONNX form, or none for this use. */
function lowered({ op, definition }: OpNode, label: string, context: OnnxContext<any>): string {
  const where = `lowering to ONNX: op "${op}" (${label})`
  try {
    return definition.onnx(context)
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause)
    const hint = 'Give the op an `onnx` form, or use an engine other than ONNX Runtime.'
    throw new OpsinError('VALUE', { where, expected: 'an ONNX form', got, hint, cause })
  }
}
