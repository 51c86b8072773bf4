import { isAbsolute, join } from 'node:path'
import type { Surroundings } from '../config/index.ts'
import { exportsOf, make } from './load-module.ts'
import { loadTask } from './load-task.ts'
import { readFeatures } from './read-features.ts'

/** What a configuration names, looked for in a folder. */
export function filesIn(folder: string): Surroundings {
  const place = (path: string) => (isAbsolute(path) ? path : join(folder, path))
  return {
    readFeatures: (path) => readFeatures(place(path)),
    loadTask: (path, options, name) => loadTask(place(path), options, name),
    make: ({ module, options = {}, export: name }, what) => make(place(module), what, options, name),
    exportsOf: (path) => exportsOf(place(path)),
  }
}
