// Cases by mode, seed and number: lines of JSON without expectations.
import { Random } from './generate/random.mjs'
import { action } from './generate/action.mjs'
import { fql } from './generate/fql.mjs'
import { liquid } from './generate/liquid.mjs'
import { mapping } from './generate/mapping.mjs'

const MAKERS = { mapping, fql, action, liquid }
export const MODES = Object.keys(MAKERS)

/** The mode of `backhaul eval` that answers. */
export const evaluated = (mode) => (mode === 'liquid' ? 'mapping' : mode)

/** One case as a line; the same for the same arguments. */
export function line(mode, seed, number) {
  const { group, ...fields } = MAKERS[mode](new Random(mode, seed, number), number)
  const pairs = Object.entries(fields).map(([key, value]) => `"${key}":${value}`)
  return `{"id":"${mode}-${group}-${seed}-${number}",${pairs.join(',')}}`
}
