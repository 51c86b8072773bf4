// The worker of the page: what it is asked to prove, it does; and it says whether code from strings would have been allowed.
import { proof } from './proof.js'

function evaluates() {
  try {
    return new Function('return true')()
  } catch {
    return false
  }
}

self.onmessage = async ({ data: engine }) => {
  try {
    self.postMessage({ evaluates: evaluates(), proof: await proof(engine) })
  } catch ({ name, code, message }) {
    self.postMessage({ evaluates: evaluates(), error: { name, code, message } })
  }
}
