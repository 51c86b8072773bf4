import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A folder of its own in which what `npm pack` would publish is installed, offline: the tarball is unpacked, its dependencies
 * are those of the house.
 */
export function installed(): { readonly folder: string; remove(): void } {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
  const folder = mkdtempSync(join(tmpdir(), 'opsin-package-'))
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { stdio: 'ignore' })
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'opsin'), { recursive: true })
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  execFileSync('tar', ['xzf', join(folder, tarball), '-C', join(modules, 'opsin'), '--strip-components', '1'])
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(join(modules, name, '..'), { recursive: true })
    symlinkSync(join(process.cwd(), 'node_modules', name), join(modules, name))
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
