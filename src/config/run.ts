import { type ArchitectureName, namedArchitectures } from '../architectures/presets/table.ts'
import { anEngineName } from '../backends/index.ts'
import { count, form, type GivenOptions, integer, optional, type Rule, seed, text } from '../core/check.ts'
import { also, either, kindOf, titled } from '../core/choice.ts'
import { listOf, object } from '../core/fields.ts'
import { type IclDynamicsOptions, iclDynamicsTable } from '../interventions/from-icl-dynamics.ts'
import { anIntervention, type Intervention } from '../interventions/kinds/index.ts'
import { anOptimizerConfig } from '../optimizers/from-config.ts'
import { namedProbes, type ProbeName } from '../probes/table.ts'
import type { FeatureOptions } from '../tasks/features.ts'
import { type NamedTask, namedTasks, type TaskName } from '../tasks/table.ts'
import { orModule } from './module.ts'

type ModelOptions<Name extends ArchitectureName> = NonNullable<Parameters<(typeof namedArchitectures)[Name]['make']>[0]>

/** The fields of a configuration's model. Inputs and outputs that are left out are taken from the task. */
type ModelConfig =
  | ({ readonly architecture?: 'attention-only' } & ModelOptions<'attention-only'>)
  | { [Name in ArchitectureName]: { readonly architecture: Name } & ModelOptions<Name> }[ArchitectureName]

const aModel = titled(
  'model',
  kindOf<ModelConfig>('architecture', 'a model', namedArchitectures, 'attention-only' satisfies ArchitectureName),
)

/** The options of a task as a configuration writes them: features are a file's path, or options of the built-in ones. */
type Written<Options> = {
  [Key in keyof Options]: Key extends 'features' ? string | FeatureOptions : Options[Key]
}

type TaskOptions<Name extends TaskName> = Written<NonNullable<Parameters<(typeof namedTasks)[Name]['make']>[0]>>

type TaskConfig =
  | ({ readonly name?: 'few-shot' } & TaskOptions<'few-shot'>)
  | { [Name in TaskName]: { readonly name: Name } & TaskOptions<Name> }[TaskName]

const someTask = kindOf<TaskConfig>('name', 'a task', namedTasks, 'few-shot' satisfies TaskName)

/** Makes the task, if possible, to check that its options go together; features may have to be read first. */
const aTask = titled(
  'task',
  also(
    someTask,
    ({ name = 'few-shot', ...options }) => {
      const { table, make }: NamedTask = namedTasks[name]
      if (!('features' in table)) make(options)
    },
    'options go together',
  ),
)

const probe = kindOf<{ readonly kind: ProbeName; readonly every?: number; readonly layer?: number }>(
  'kind',
  'a probe',
  namedProbes,
)
const aProbe = titled('probe', orModule(probe))

/** They are checked where the kinds of their sources are known: `interventionsFrom`. */
const someInterventions: Rule<readonly Intervention[]> = {
  ...listOf(object as Rule<Intervention>, 'a list of interventions'),
  schema: listOf(anIntervention, '').schema ?? {},
}

const anEvaluation = form({
  name: optional(text),
  evaluator: text,
  count: optional(count(Number.MAX_SAFE_INTEGER)),
  interventions: optional(someInterventions),
})

const amount = count(Number.MAX_SAFE_INTEGER)
const moments = listOf(integer(0, Number.MAX_SAFE_INTEGER), 'a list of whole numbers')

const someIclDynamics: Rule<any> = form(
  iclDynamicsTable,
  "an object of options of the authors' code, which are added to the interventions",
)

/** A configuration. Lengths are in sequences. */
const table = {
  $schema: optional({ ...text, expected: 'the JSON schema of this file, for editors: a string' }),
  model: orModule(aModel),
  task: optional(orModule(aTask)),
  sequences: amount,
  batch: optional(amount),
  seed: optional(seed),
  engine: optional(anEngineName),
  optimizer: optional(orModule(anOptimizerConfig)),
  interventions: optional(someInterventions),
  sources: optional(
    listOf(text, 'a list of paths of modules, whose exports are kinds of sources that interventions name'),
  ),
  iclDynamics: optional(someIclDynamics as Rule<IclDynamicsOptions>),
  probes: optional(listOf(aProbe, 'a list of at least one probe', 1)),
  evaluations: optional(listOf(anEvaluation, 'a list of at least one evaluation', 1)),
  evaluateAt: optional(either('a positive integer or a list of whole numbers', amount, moments)),
  checkpointEvery: optional(amount),
}

/** A configuration of `opsin train`. */
export type RunConfig = GivenOptions<typeof table>

/** The form of a configuration of `opsin train`. */
export const aRun: Rule<RunConfig> = form(table, 'a configuration {"model": …, "sequences": …}') as Rule<any>
