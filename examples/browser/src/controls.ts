import { type Clamp, canSharpen, type Pattern, patterns } from './clamps.ts'
import { byId, html } from './dom.ts'

/** What can be done to the chosen head. */
export interface Controls {
  show(clamp: Clamp): void
}

/** The slider's steps: halves of a doubling, from ×⅛ to ×16. */
const STEPS = { min: -6, max: 8 }

export function makeControls(change: (by: Partial<Clamp>) => void): Controls {
  const on = html('input', { type: 'checkbox', role: 'switch', id: 'on' })
  on.onchange = () => change({ off: !on.checked })
  const radios = Object.entries(patterns).map(([value, name]) => {
    const radio = html('input', { type: 'radio', name: 'pattern', value })
    radio.onchange = () => change({ pattern: value as Pattern })
    return { radio, label: html('label', {}, radio, html('span', {}, name)) }
  })
  const slider = html('input', { type: 'range', id: 'sharpness', step: 1, ...STEPS })
  const factor = html('output', { for: 'sharpness' })
  slider.oninput = () => change({ sharpness: factorAt(Number(slider.value)) })
  byId('controls').append(
    html('label', { class: 'switch' }, html('span', {}, 'Switched on'), on),
    html('fieldset', {}, html('legend', {}, 'Pattern'), ...radios.map(({ label }) => label)),
    html('label', { class: 'slider', for: slider.id }, html('span', {}, 'Sharpness ', factor), slider),
  )
  return {
    show(clamp) {
      on.checked = !clamp.off
      for (const { radio } of radios) radio.checked = radio.value === clamp.pattern
      slider.value = String(Math.round(2 * Math.log2(clamp.sharpness)))
      slider.disabled = !canSharpen(clamp)
      factor.textContent = canSharpen(clamp) ? `×${clamp.sharpness}` : 'nothing to sharpen'
      slider.setAttribute('aria-valuetext', `scores times ${clamp.sharpness}`)
    },
  }
}

/** Two digits are enough for a reader, and for the code that is shown. */
function factorAt(step: number): number {
  return Number((2 ** (step / 2)).toPrecision(2))
}
