import { fromAddress, type Limits, type State, toAddress } from './address.ts'
import { answerOf, showAnswer, showScore } from './answer.ts'
import { type Clamps, linesOf, nameOf, untouched, withClamp } from './clamps.ts'
import { showCode } from './code.ts'
import { makeControls } from './controls.ts'
import { byId, html } from './dom.ts'
import { hideFailure, showFailure } from './failure.ts'
import { describe, largeMap } from './heat-map.ts'
import { makeLayers, weightsOf } from './layers.ts'
import type { Network, Reading } from './network.ts'
import { presets } from './presets.ts'
import { showSequence } from './sequence.ts'
import { tokensOf } from './tokens.ts'

/**
 * Where every visit starts that no address leads elsewhere: at one of the few sequences that hang on a single head. How few they are,
 * the numbers over all sequences say.
 */
const start: State = { sequence: 12, chosen: { layer: 1, head: 3 }, clamps: new Map() }

/** The page: what the reader has chosen, what the network says to it, and the parts that show both. */
export class Page {
  #state = start
  #reading: Reading
  /** Clamps that the reading is of, once there is one. */
  #read: Clamps = start.clamps
  #running = false
  readonly #limits: Limits
  readonly #layers: ReturnType<typeof makeLayers>
  readonly #controls = makeControls((by) =>
    this.#set({ clamps: withClamp(this.#state.clamps, this.#state.chosen, by) }),
  )

  constructor(
    readonly network: Network,
    readonly before: Reading,
  ) {
    this.#reading = before
    const { layers, heads, batch } = network
    this.#limits = { sequences: batch.targets.shape[0], layers, heads }
    this.#layers = makeLayers(network, before.patterns[0].shape[2], {
      choose: (chosen) => this.#set({ chosen }),
      power: (head) => {
        const { off } = this.#state.clamps.get(nameOf(head)) ?? untouched
        this.#set({ chosen: head, clamps: withClamp(this.#state.clamps, head, { off: !off }) })
      },
    })
    byId('batch-size').textContent = String(this.#limits.sequences)
    byId('reset').onclick = () => this.#set({ clamps: start.clamps })
    byId('another').onclick = () => this.#set({ sequence: (this.#state.sequence + 1) % this.#limits.sequences })
    const links = presets.map(({ name, address }) => html('a', { class: 'pill', href: `#${address}` }, name))
    byId('presets').append(html('span', { class: 'quiet' }, 'Try'), ...links)
  }

  /** Goes where an address leads, with the sequence that is shown; or, where it means nothing, says so and undoes all. */
  follow(address: string): void {
    const from = { ...start, sequence: this.#state.sequence }
    try {
      this.#set(fromAddress(address, from, this.#limits))
    } catch (error) {
      this.#set(from)
      showFailure(error)
    }
  }

  #set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change }
    history.replaceState(null, '', toAddress(this.#state))
    byId('page').setAttribute('aria-busy', 'true')
    const { chosen, clamps } = this.#state
    this.#layers.mark(chosen, clamps)
    this.#controls.show(clamps.get(nameOf(chosen)) ?? untouched)
    void this.#compute()
  }

  /** Runs the network until it has seen the clamps that there are now: a slider moves faster than it runs. */
  async #compute(): Promise<void> {
    if (this.#running) return
    this.#running = true
    hideFailure()
    try {
      while (this.#read !== this.#state.clamps) {
        const { clamps } = this.#state
        this.#reading = await this.network.run(linesOf(this.network.model, clamps).map((line) => line.intervention))
        this.#read = clamps
      }
      this.#show()
    } catch (error) {
      showFailure(error)
    }
    this.#running = false
    byId('page').setAttribute('aria-busy', 'false')
  }

  #show(): void {
    const { network, before } = this
    const reading = this.#reading
    const { sequence, chosen } = this.#state
    const tokens = tokensOf(network, sequence)
    const answer = answerOf(network, reading, sequence)
    byId('sequence-number').textContent = `${sequence + 1} of ${this.#limits.sequences}`
    showSequence(tokens, answer)
    showAnswer(tokens, answer, answerOf(network, before, sequence))
    showScore(reading, before)
    this.#layers.show(reading, sequence, tokens)
    const weights = weightsOf(reading, chosen, sequence)
    const map = largeMap(tokens)
    map.show(weights)
    byId('chosen-title').textContent = `Layer ${chosen.layer}, head ${chosen.head}`
    byId('chosen-map').replaceChildren(map.node)
    byId('chosen-says').textContent = `Here ${describe(weights, tokens)}.`
    showCode(linesOf(network.model, this.#read), reading, network.engine)
  }
}
