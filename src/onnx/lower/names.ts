import { OpsinError } from '../../core/errors.ts'

/** The names of a file's values, of which no two are the same. */
export class Names {
  readonly #taken = new Set<string>()

  /** Takes exactly this name. @throws OpsinError `NAME` when it is taken. */
  claim(name: string, what: string): string {
    if (name === '' || this.#taken.has(name)) {
      const got = `${JSON.stringify(name)}, which ${name === '' ? 'ONNX reads as no value' : 'another value has'}`
      throw new OpsinError('NAME', { where: `lowering to ONNX: ${what}`, expected: 'a name of its own', got })
    }
    this.#taken.add(name)
    return name
  }

  /** Takes this name, or one with a number behind it. */
  near(name: string): string {
    for (let i = 1; ; i++) {
      const candidate = i === 1 ? name : `${name}.${i}`
      if (this.#taken.has(candidate)) continue
      this.#taken.add(candidate)
      return candidate
    }
  }
}
