import { existsSync, readdirSync } from 'node:fs'

/** The files of a folder, deep, that end like this; sorted, with the folder in front. No folder, no files. */
export function filesIn(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`)
    .sort()
}

/** Every page that users read; not those of packages, which an example may have installed. */
export function pages(): string[] {
  const root = readdirSync('.').filter((file) => file.endsWith('.md'))
  const all = ['docs', 'examples', 'models', 'test', 'src'].flatMap((folder) => filesIn(folder, '.md'))
  return [...root, ...all.filter((file) => !file.includes('/node_modules/'))]
}
