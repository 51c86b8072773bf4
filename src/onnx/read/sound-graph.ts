import type { GraphProto, NodeProto } from 'onnx-buf'
import { OpsinError } from '../../core/errors.ts'
import { show } from '../../core/show.ts'

/**
 * Throws unless every value of a graph has a name of its own and is computed before it is read.
 *
 * @param outer values of the graphs around this one.
 * @throws OpsinError `FORMAT`
 */
export function requireSoundGraph(graph: GraphProto, where: string, outer: ReadonlySet<string> = new Set()): void {
  const known = new Set(outer)
  const own = new Set<string>()
  const fail = (expected: string, got: string) => new OpsinError('FORMAT', { where, expected, got })
  const define = (name: string, what: string) => {
    if (name === '' || own.has(name)) throw fail('a name of its own for every value', `${what} named ${show(name)}`)
    own.add(name)
    known.add(name)
  }
  for (const { name } of graph.input) define(name, 'an input')
  // A default value of an input bears its name.
  for (const { name } of graph.initializer) if (!own.has(name)) define(name, 'a tensor')
  for (const { values } of graph.sparseInitializer) if (values !== undefined) define(values.name, 'a tensor')
  for (const node of graph.node) {
    const unknown = node.input.find((name) => name !== '' && !known.has(name))
    if (unknown !== undefined) {
      throw fail(`values that are computed before ${showNode(node)} reads them`, `${show(unknown)}, which is not`)
    }
    for (const { g, graphs } of node.attribute) {
      for (const inner of [...(g === undefined ? [] : [g]), ...graphs]) requireSoundGraph(inner, where, known)
    }
    for (const name of node.output) if (name !== '') define(name, `an output of ${showNode(node)}`)
  }
  const missing = graph.output.find(({ name }) => !known.has(name))
  if (missing !== undefined) throw fail('outputs that are computed', `${show(missing.name)}, which is not`)
}

function showNode({ name, opType }: NodeProto): string {
  return name === '' ? opType : `${opType} ${show(name)}`
}
