export { type LoadedModel, load, modelNames } from './load.ts'
