/**
 * The first key that occurs twice in one object of a JSON text, if any. `JSON.parse` keeps the last of them in
 * silence. The text must be valid JSON.
 */
export function duplicateKey(text: string): string | undefined {
  const open: Set<string>[] = []
  for (const [token, colon] of text.matchAll(/[{}]|"(?:[^"\\]|\\.)*"(\s*:)?/g)) {
    if (token === '{') open.push(new Set())
    else if (token === '}') open.pop()
    else if (colon !== undefined) {
      const key: string = JSON.parse(token.slice(0, token.length - colon.length))
      const keys = open[open.length - 1]
      if (keys.has(key)) return key
      keys.add(key)
    }
  }
  return undefined
}
