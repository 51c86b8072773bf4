import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { tensor } from '../../src/core/tensor.ts'
import { readSafetensors, writeNpy, writeSafetensors } from '../../src/io/index.ts'
import { readText } from '../../src/io/node/files.ts'
import { appendLine, ensureFolder, readBytes, readTensorFile, writeAtomic } from '../../src/io/node/index.ts'
import { opsinError } from './arbitraries.ts'

const folder = mkdtempSync(join(tmpdir(), 'opsin-io-'))
afterAll(() => rmSync(folder, { recursive: true }))
const shared = new URL('../../../shared/', import.meta.url).pathname

describe('files', () => {
  test('writeAtomic writes and replaces, and leaves nothing else', () => {
    const inside = join(folder, 'atomic')
    ensureFolder(inside)
    const path = join(inside, 'a.bin')
    writeAtomic(path, new Uint8Array([1, 2, 3]))
    writeAtomic(path, 'läuft')
    expect(new TextDecoder().decode(readBytes(path))).toBe('läuft')
    expect(readdirSync(inside)).toEqual(['a.bin'])
  })

  test('a failed writeAtomic names the path, keeps what was there and leaves no temporary file', () => {
    const inside = join(folder, 'failed')
    mkdirSync(join(inside, 'taken', 'x'), { recursive: true })
    const error = opsinError(() => writeAtomic(join(inside, 'taken'), 'text'))
    expect(error.code).toBe('IO')
    expect(error.message).toContain(join(inside, 'taken'))
    expect(error.hint).toBeTruthy()
    expect(readdirSync(inside)).toEqual(['taken'])
    expect(opsinError(() => writeAtomic(join(folder, 'absent', 'a'), '')).message).toMatch(/ENOENT.*ensureFolder/)
  })

  test('appendLine adds lines and refuses two at once', () => {
    const path = join(folder, 'log.jsonl')
    appendLine(path, '{"step":0}')
    appendLine(path, '{"step":1}')
    expect(readFileSync(path, 'utf8')).toBe('{"step":0}\n{"step":1}\n')
    expect(opsinError(() => appendLine(path, 'a\nb')).code).toBe('VALUE')
    expect(opsinError(() => appendLine(folder, 'a')).message).toMatch(/EISDIR/)
  })

  test('ensureFolder makes parents, twice is fine, a file in the way is IO', () => {
    const path = join(folder, 'deep', 'er')
    ensureFolder(path)
    ensureFolder(path)
    expect(existsSync(path)).toBe(true)
    writeFileSync(join(folder, 'plain'), '')
    expect(opsinError(() => ensureFolder(join(folder, 'plain'))).code).toBe('IO')
    expect(opsinError(() => ensureFolder(join(folder, 'plain', 'x'))).code).toBe('IO')
    expect(opsinError(() => readBytes(join(folder, 'no'))).message).toMatch(/no".*ENOENT/)
  })

  test('readTensorFile chooses by extension and names the file in its errors', () => {
    const weight = tensor([2], new Float32Array([1, 2]))
    writeAtomic(join(folder, 'q.npy'), writeNpy(weight))
    writeAtomic(join(folder, 'w.safetensors'), writeSafetensors({ weight }, { step: '3' }))
    writeAtomic(join(folder, 'broken.npy'), 'nothing')
    expect(readTensorFile(join(folder, 'q.npy')).tensors.q).toEqual(weight)
    expect(readTensorFile(join(folder, 'w.safetensors'))).toEqual({ tensors: { weight }, metadata: { step: '3' } })
    expect(opsinError(() => readTensorFile(join(folder, 'broken.npy'))).message).toContain(join(folder, 'broken.npy'))
    expect(opsinError(() => readTensorFile('weights.h5')).message).toMatch(/\.safetensors or \.npy.*"\.h5"/)
    expect(opsinError(() => readTensorFile('weights')).message).toMatch(/no extension/)
  })

  test.skipIf(!existsSync(`${shared}data/omniglot-gabor.safetensors`))(
    'the shared Omniglot features and a foreign recording read (skipped where ../shared is absent)',
    () => {
      const { features } = readTensorFile(`${shared}data/omniglot-gabor.safetensors`).tensors
      expect(features.shape).toEqual([242, 5, 512])
      expect(features.data).toBeInstanceOf(Float32Array)
      const rms = Math.sqrt((features.data as Float32Array).reduce((sum, x) => sum + x * x, 0) / features.data.length)
      expect(Math.abs(rms - 1)).toBeLessThan(0.02)
      const batches = readTensorFile(`${shared}recordings/base-batches.safetensors`).tensors
      expect(batches.classes.shape.slice(1)).toEqual([32, 3])
      expect(batches.classes.data).toBeInstanceOf(Int32Array)
      const init = readBytes(`${shared}recordings/base-init.safetensors`)
      const again = readSafetensors(writeSafetensors(readSafetensors(init).tensors))
      expect(again.tensors).toEqual(readSafetensors(init).tensors)
      for (const name of readdirSync(`${shared}recordings`, { recursive: true }).map(String)) {
        if (name.endsWith('.safetensors')) readTensorFile(`${shared}recordings/${name}`)
      }
    },
  )
})

test('an empty path is no folder, though the system takes it for the one we are in', () => {
  expect(opsinError(() => ensureFolder('')).message).toMatch(/the path of a folder, got ""\. \[IO\]/)
})

// Node's own recursive mkdir loops for ever there.
test.runIf(process.platform === 'linux')('a folder where none can be made is IO', () => {
  expect(opsinError(() => ensureFolder('/proc/opsin/x')).code).toBe('IO')
})

describe('what is read', () => {
  test('readText drops a mark at the start and refuses what is no text', () => {
    writeFileSync(join(folder, 'marked.json'), '\uFEFF{"läuft":1}')
    expect(readText(join(folder, 'marked.json'))).toBe('{"läuft":1}')
    writeFileSync(join(folder, 'latin.json'), new Uint8Array([0x22, 0xe4, 0x22]))
    expect(opsinError(() => readText(join(folder, 'latin.json'))).message).toMatch(/latin\.json: .*UTF-8.*\[FORMAT\]/)
  })

  test('what is too large is refused before it is read', () => {
    const path = join(folder, 'large')
    writeFileSync(path, '')
    truncateSync(path, 2 ** 26 + 1)
    expect(opsinError(() => readText(path)).message).toMatch(/at most 67108864 bytes, got 67108865.*\[IO\]/)
    truncateSync(path, 2 ** 31)
    expect(opsinError(() => readBytes(path)).message).toMatch(/at most 2147483647 bytes, got 2147483648.*\[IO\]/)
    rmSync(path)
  })

  test.runIf(process.platform === 'linux')('what has no end is no file', () => {
    for (const path of ['/dev/zero', '/dev/null']) {
      expect(opsinError(() => readBytes(path)).message).toMatch(/expected a file, got a device, pipe or socket.*\[IO\]/)
    }
  })
})
