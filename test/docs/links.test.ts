import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pages } from '../support/files.ts'

/** Markdown without its code, in which brackets mean other things. */
function prose(page: string): string {
  return readFileSync(page, 'utf8')
    .replace(/^```.*?^```$/gms, '')
    .replace(/`[^`\n]*`/g, '')
}

/** The anchors that GitHub gives a page's headings. */
function anchors(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  )
}

function broken(page: string): string[] {
  const targets = [...prose(page).matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)|(?:src|href)="([^"]+)"/g)].map(
    ([, link, attribute]) => link ?? attribute,
  )
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false
    const [path, anchor] = target.split('#')
    const file = path === '' ? page : join(dirname(page), decodeURIComponent(path))
    if (!existsSync(file)) return true
    return anchor !== undefined && file.endsWith('.md') && !anchors(file).includes(anchor)
  })
}

describe('links inside the house lead somewhere', () => {
  test.each(pages())('%s', (page) => expect(broken(page)).toEqual([]))
})
