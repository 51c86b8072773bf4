// Loaded before the program (`node --import`): ends it with SIGKILL just before the file operation number $OPSIN_KILL_AT, of
// those that write, rename or remove. So a test can try every place where a kill may leave files behind, and no clock decides.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

let left = Number(process.env.OPSIN_KILL_AT)
for (const name of [
  'openSync',
  'writeSync',
  'writeFileSync',
  'fsyncSync',
  'renameSync',
  'appendFileSync',
  'rmSync',
  'mkdirSync',
]) {
  const original = fs[name]
  fs[name] = (...parameters) => {
    if (changes(name, parameters) && left-- === 0) process.kill(process.pid, 'SIGKILL')
    return original(...parameters)
  }
}
syncBuiltinESMExports()

/** Opening a file to read it changes nothing. */
function changes(name, [, flags]) {
  return name !== 'openSync' || flags === 'w'
}
