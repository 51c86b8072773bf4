import { showFailure } from './failure.ts'
import { openNetwork } from './network.ts'
import { Page } from './page.ts'

async function main(): Promise<void> {
  const response = await fetch('model.onnx')
  if (!response.ok) throw new Error(`There is no model.onnx (${response.status}): run “node export.js” first.`)
  const network = await openNetwork(new Uint8Array(await response.arrayBuffer()))
  const page = new Page(network, await network.run([]))
  page.follow(location.hash)
  window.onhashchange = () => page.follow(location.hash)
}

main().catch(showFailure)
