import { requireModel } from '../architectures/check.ts'
import type { Model } from '../architectures/define.ts'
import { check } from '../core/check.ts'
import { within } from '../core/errors.ts'
import type { KnownSource } from '../interventions/sources/define.ts'
import { anOptimizer, type Optimizer } from '../optimizers/define.ts'
import { type Probe, requireProbe } from '../probes/define.ts'
import type { ModuleReference } from './module.ts'

/** A value made by a module of the user's own. */
export interface Made {
  readonly value: unknown
  /** A hash of the module's text: another text makes other things, wherever it lies. */
  readonly module: string
}

/** How modules are read; paths are as written in the configuration. */
export interface Modules {
  /** @param what it makes, for errors: `a task`. */
  make(reference: ModuleReference, what: string): Promise<Made>
  exportsOf(path: string): Promise<Exports>
}

/** The exports of a module, by name. */
export type Exports = Readonly<Record<string, unknown>>

/** The model that a module makes; its config names the module too. */
export async function modelFromModule(reference: ModuleReference, { make }: Modules): Promise<Model> {
  const { value, module } = await make(reference, 'a model')
  const model = named(reference, () => requireModel('the model', value as Model))
  return { ...model, config: { module, options: reference.options ?? {}, config: model.config } }
}

/** The optimiser that a module makes; its config names the module too. */
export async function optimizerFromModule(reference: ModuleReference, { make }: Modules): Promise<Optimizer> {
  const { value, module } = await make(reference, 'an optimiser')
  const optimizer = named(reference, () => check('the optimiser', value, anOptimizer))
  return { ...optimizer, config: { ...optimizer.config, module, options: reference.options ?? {} } }
}

/** The probe that a module makes. */
export async function probeFromModule(reference: ModuleReference, { make }: Modules): Promise<Probe> {
  const { value } = await make(reference, 'a probe')
  return named(reference, () => requireProbe('the probe', value as Probe))
}

/** Every kind of source that modules export. */
export async function sourcesOf(
  paths: readonly string[],
  { exportsOf }: Modules,
): Promise<{ readonly kind: KnownSource }[]> {
  return (await Promise.all(paths.map(exportsOf))).flatMap(kindsAmong)
}

/** The exports that make sources. */
export function kindsAmong(exports: Exports): { readonly kind: KnownSource }[] {
  return Object.values(exports).filter(isSourceMaker)
}

function isSourceMaker(value: unknown): value is { readonly kind: KnownSource } {
  return typeof value === 'function' && typeof (value as { kind?: { from?: unknown } }).kind?.from === 'string'
}

function named<T>({ module }: ModuleReference, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw within(module, error)
  }
}
