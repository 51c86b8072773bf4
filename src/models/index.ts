export { checkpointsOf, type LoadedModel, load, modelNames } from './load.ts'
