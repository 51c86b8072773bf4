import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

/**
 * Serves the files of a folder on 127.0.0.1. The first part of a path is the name of a content-security policy, which all
 * below it is sent with: a worker has the policy of its own file.
 */
export async function serveFolder(folder: string, policies: Readonly<Record<string, string>>) {
  const server = createServer(async (request, response) => {
    const [, policy, rest] = /^\/([^/]*)(\/[^?]*)/.exec(request.url ?? '') ?? []
    const file = join(folder, normalize(rest ?? '/'))
    const content = policies[policy] === undefined ? undefined : await readFile(file).catch(() => undefined)
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream')
    if (policies[policy]) response.setHeader('content-security-policy', policies[policy])
    response.statusCode = content === undefined ? 404 : 200
    response.end(content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { origin: `http://127.0.0.1:${port}`, close }
}
