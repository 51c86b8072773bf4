import { describe, expect, test } from 'vitest'
import { opsin } from '../support/command-line.ts'

describe('the command line', () => {
  test('says what it can do', async () => {
    const { status, stdout, stderr } = await opsin(['--help'])
    expect([status, stderr]).toEqual([0, ''])
    for (const command of ['reproduce', 'replay', 'train', 'schema']) expect(stdout).toContain(command)
  })

  test.each(['reproduce', 'replay', 'train', 'schema'])('%s --help lists its options', async (command) => {
    const { status, stdout } = await opsin([command, '--help'])
    expect(status).toBe(0)
    expect(stdout).toContain('--')
  })

  test.each([
    ['no command', []],
    ['another command', ['trian']],
    ['another option', ['train', 'x.json', '--bach', '5']],
    ['no configuration', ['train']],
    ['another figure', ['reproduce', 'figure-6']],
    ['no whole number', ['reproduce', 'figure-5b', '--sequences', 'many']],
    ['no sequences', ['reproduce', 'figure-5b', '--sequences', '0']],
    ['another engine', ['replay', '.', '--engine', 'cuda']],
  ])('is used wrongly with %s: status 2, nothing on stdout', async (_, argv) => {
    const { status, stdout, stderr } = await opsin(argv)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).not.toBe('')
  })
})
