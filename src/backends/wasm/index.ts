import { OpsinError } from '../../core/errors.ts'
import { pointOf } from '../../graph/build.ts'
import type { Graph, OpNode } from '../../graph/node.ts'
import { type Plan, plan } from '../../graph/plan.ts'
import type { KernelCall } from '../../ops/define.ts'
import { type OpName, ops } from '../../ops/registry.ts'
import { allocate, type Bind, programOver } from '../arena.ts'
import type { NativeBackend } from '../backend.ts'
import { type KernelExports, kernelsBase64 } from './generated/kernels.ts'
import { kernels } from './kernels/index.ts'
import type { Kernel, Table } from './kernels/kernel.ts'
import { hasRelaxedSimd } from './relaxed-simd.ts'

const PAGE = 65536
const ALIGNMENT = 64
/** Nothing lies below: a pointer that was forgotten reads zeros instead of a buffer. */
const BASE = 1024

/** SIMD kernels in WebAssembly, f32: the fast engine, with the same bits in Node and in a browser. */
export async function wasmBackend(): Promise<NativeBackend> {
  return backendOf('wasm', await compiled('wasm', async () => kernelsBase64))
}

/**
 * The same kernels with fused multiply-add: faster, and rounded otherwise, as the machine at hand does it.
 *
 * @throws OpsinError `ENGINE` where there is no relaxed SIMD.
 */
export async function wasmFmaBackend(): Promise<NativeBackend> {
  if (!hasRelaxedSimd()) {
    throw new OpsinError('ENGINE', {
      where: 'engine "wasm-fma"',
      expected: 'WebAssembly with relaxed SIMD',
      got: 'one without',
      hint: 'Run Node 22 or later or a current browser, or ask for "wasm", or for "fastest": whichever can run here.',
    })
  }
  // Only who asks for it loads it.
  const module = await compiled('wasm-fma', async () => (await import('./generated/kernels-fma.ts')).kernelsBase64)
  return backendOf('wasm-fma', module)
}

function backendOf(name: string, module: WebAssembly.Module): NativeBackend {
  return {
    name,
    precision: 'f32',
    load(graph, { keep, guard, profile } = {}) {
      const planned = plan(graph, 'f32', { keep: keep?.map((name) => pointOf(graph, name)), guard })
      const { scratch, tables, arena, bytes } = layout(planned)
      // As large as it will ever be: growing would detach every view silently.
      const pages = Math.ceil(bytes / PAGE)
      const memory = allocate(name, bytes, () => new WebAssembly.Memory({ initial: pages, maximum: pages }))
      for (const { offset, table } of tables.values()) {
        const values = table.values()
        new Uint8Array(memory.buffer, offset).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
      }
      const instance = new WebAssembly.Instance(module, { env: { memory } })
      const exports = instance.exports as unknown as KernelExports
      return programOver(planned, memory.buffer, arena, binder(exports, scratch, tables), profile)
    },
  }
}

const modules = new Map<string, Promise<WebAssembly.Module>>()

/** A module, compiled once: what the engine learns of it while it runs serves every program. After a failure the next call tries again. */
function compiled(name: string, base64: () => Promise<string>): Promise<WebAssembly.Module> {
  const known = modules.get(name)
  if (known !== undefined) return known
  const module = compile(name, base64)
  modules.set(name, module)
  module.catch(() => modules.delete(name))
  return module
}

/** @throws OpsinError `ENGINE` where there is no WebAssembly, or a page's policy forbids it. */
async function compile(name: string, base64: () => Promise<string>): Promise<WebAssembly.Module> {
  try {
    const bytes = Uint8Array.from(atob(await base64()), (character) => character.charCodeAt(0))
    return await WebAssembly.compile(bytes)
  } catch (cause) {
    throw new OpsinError('ENGINE', {
      where: `engine "${name}"`,
      expected: 'WebAssembly with SIMD',
      got: typeof WebAssembly === 'object' ? String(cause) : 'none',
      hint: 'A content-security policy has to allow \'wasm-unsafe-eval\'. The engine "reference" runs everywhere, slowly.',
      cause,
    })
  }
}

type Tables = Map<string, { readonly offset: number; readonly table: Table }>

/** Puts in line: working memory, tables, arena. */
function layout({ graph, constants, order, updates, bytes }: Plan) {
  const needs = [...constants, ...order, ...updates].map((id) => needsOf(graph, graph.nodes[id] as OpNode))
  const scratch = BASE
  let end = aligned(scratch + Math.max(0, ...needs.map((need) => need.scratch)))
  const tables: Tables = new Map()
  for (const { table } of needs) {
    if (table === undefined || tables.has(table.key)) continue
    tables.set(table.key, { offset: end, table })
    end = aligned(end + table.values().byteLength)
  }
  return { scratch, tables, arena: end, bytes: end + bytes }
}

function needsOf(graph: Graph, node: OpNode): { scratch: number; table: Table | undefined } {
  const kernel = kernelOf(node)
  const call = callOf(graph, node)
  return { scratch: kernel?.scratch?.(call) ?? 0, table: kernel?.table?.(call) }
}

/** An op from outside has none, whatever it is called. */
function kernelOf({ op, definition }: OpNode): Kernel | undefined {
  return ops[op as OpName] === definition ? kernels[op] : undefined
}

function callOf(graph: Graph, { attrs, inputs, shape }: OpNode): KernelCall<any> {
  return { attrs, inputs: inputs.map((input) => graph.nodes[input].shape), shape }
}

function binder(exports: KernelExports, scratch: number, tables: Tables): Bind {
  return (node, call, _, { out, inputs }) => {
    const kernel = kernelOf(node)
    const table = kernel?.table?.(call)
    if (kernel === undefined || (kernel.table !== undefined && table === undefined)) {
      const { forward } = node.definition
      return () => forward(out, inputs, call)
    }
    const at = {
      out: out.byteOffset,
      inputs: inputs.map(({ byteOffset }) => byteOffset),
      scratch,
      table: table === undefined ? 0 : (tables.get(table.key)?.offset ?? 0),
    }
    return kernel.bind(exports, at, call)
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}
