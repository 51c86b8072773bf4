import { describe, expect, test } from 'vitest'
import { check, count, form, integer, optional, readOptions, text } from '../../src/core/check.ts'
import { also, chosen, either, kindOf, such, titled } from '../../src/core/choice.ts'
import { OpsinError } from '../../src/core/errors.ts'
import { listOf, recordOf, tupleOf } from '../../src/core/fields.ts'
import { schemaDocument } from '../../src/core/json-schema.ts'
import { faultsOf, schemaOf, showPath } from '../../src/core/rule.ts'

const animal = kindOf('kind', 'an animal', {
  cat: { table: { lives: optional(integer(1, 9), 9) } },
  dog: { table: { name: text, toys: optional(listOf(form({ size: integer(1) }), 'toys'), []) } },
})
const few = either('a number of toys, or an animal', count(9), animal)
const rising = such(tupleOf([integer(0), integer(0)], 'two numbers that rise'), ([a, b]) => a < b, 'they rise')

/** Place and words of each fault. */
const told = (rule: typeof animal, value: unknown) =>
  faultsOf(rule, value).map(({ path, code, expected }) => `${showPath(path)}: ${code} ${expected}`)

describe('a rule made of others', () => {
  test.each<[string, unknown, string[]]>([
    ['what fits', { kind: 'dog', name: 'a', toys: [{ size: 1 }] }, []],
    [
      'each fault at its own place',
      { kind: 'dog', toys: [{ size: 1 }, { size: 0 }], tail: 1 },
      [': NAME an option', 'name: VALUE a string', 'toys[1].size: VALUE an integer of at least 1'],
    ],
    ['an unknown kind', { kind: 'cow' }, ['kind: NAME an animal']],
    ['an inherited kind', { kind: 'toString' }, ['kind: NAME an animal']],
    ['no object', new Map(), [': VALUE an animal {"kind": …}']],
  ])('tells %s', (_, value, faults) => expect(told(animal, value)).toEqual(faults))

  test('fills in defaults wherever they are', () => {
    const table = { pet: few, other: optional(few, 3) }
    expect(readOptions('zoo', { pet: { kind: 'cat' } }, table)).toEqual({ pet: { kind: 'cat', lives: 9 }, other: 3 })
  })

  test('says what is wrong with the form that was meant, and otherwise which forms there are', () => {
    expect(told(few, { kind: 'cat', lives: 0 })).toEqual(['lives: VALUE an integer from 1 to 9'])
    expect(told(few, 'cat')).toEqual([': VALUE a number of toys, or an animal'])
    expect(() => check('zoo: pets[0]', { kind: 'cat', lives: 0 }, few)).toThrow(/^zoo: pets\[0\]\.lives: expected/)
    expect(() => check('zoo', [[0]], listOf(rising, ''))).toThrow(
      /^zoo\[0\]: expected two numbers that rise, got \[0\]/,
    )
  })

  test('names what no schema can say', () => {
    expect(faultsOf(rising, [2, 1])).toMatchObject([{ beyond: 'they rise', expected: 'two numbers that rise' }])
    expect(faultsOf(rising, [2])[0].beyond).toBeUndefined()
    const known = also(
      text,
      (name) => {
        if (name !== 'ann') throw new OpsinError('NAME', { where: 'people', expected: 'ann', got: name })
      },
      'people are known',
    )
    expect(() => check('zoo: keeper', 'bob', known)).toThrow(/^zoo: keeper: people: expected ann, got bob\. \[NAME\]$/)
    expect(schemaOf(known)).toMatchObject({ type: 'string', $comment: 'Not said here: people are known.' })
    const broken = also(text, () => {
      throw new TypeError('no error of opsin')
    })
    expect(() => broken.fits('a')).toThrow(TypeError)
  })

  test('is a schema, with what has a title once', () => {
    const pets = recordOf(
      titled(
        'pet',
        chosen('a pet', [animal], () => animal),
      ),
      'pets by name',
    )
    const document = schemaDocument(schemaOf(form({ pets, best: optional(titled('pet', animal)) })), {})
    expect(document).toMatchObject({
      properties: {
        pets: { additionalProperties: { $ref: '#/$defs/pet' } },
        best: { $ref: '#/$defs/pet', description: 'an animal {"kind": …}' },
      },
      required: ['pets'],
      additionalProperties: false,
    })
    expect(schemaDocument(schemaOf(pets), { pet: { not: {} } })).toMatchObject({ $defs: { pet: { not: {} } } })
  })
})
