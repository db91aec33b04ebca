// What stays different from the packages, each with its reason (see the README of shared/mapping). A difference that one
// of these explains is not counted; everything else is.
import { difference } from './compare.mjs'
import { expectedIsolated } from './oracle.mjs'

export const EXCLUSIONS = [
  {
    reason: 'halves of surrogate pairs are U+FFFD: text here is Unicode',
    explains: ({ mode, wanted, answer }) => answer && difference(mode, halved(wanted), halved(answer)) === undefined
  },
  {
    reason: 'halves of surrogate pairs: JavaScript fails to escape them for a URI',
    explains: ({ line, wanted }) => /[\ud800-\udfff]|\\u[dD]8/.test(line) && /URI malformed/.test(JSON.stringify(wanted))
  },
  {
    reason: 'increment and decrement last for one template: a mapping does not change its event',
    explains: async ({ mode, line, answer }) =>
      /increment|decrement/.test(JSON.stringify(JSON.parse(line))) && difference(mode, json(await expectedIsolated(JSON.parse(line))), answer) === undefined
  },
  {
    reason: "an object's field `length` does not count towards the memory of a template",
    explains: ({ line, wanted }) => /length/.test(line) && /memory alloc limit/.test(JSON.stringify(wanted))
  },
  {
    reason: 'memory is counted in bytes, and output counts: long ranges and texts reach the limit earlier',
    explains: ({ line, wanted, answer }) => /memory alloc limit/.test(JSON.stringify(answer)) && (JSON.stringify(wanted).length > 1e7 || /\.\./.test(line))
  },
  {
    reason: 'rendering takes no more than 500 ms there, and counted steps here',
    explains: ({ wanted }) => /template render limit exceeded/.test(JSON.stringify(wanted))
  },
  {
    reason: 'memory is counted; V8 has its own words for the longest of its texts',
    explains: ({ kind, wanted, answer }) =>
      kind === 'message' && /Invalid string length/.test(JSON.stringify(wanted)) && /memory alloc limit/.test(JSON.stringify(answer))
  },
  {
    reason: '`round` to a broken number of digits: powers differ in the last place',
    explains: ({ mode, line, wanted, answer }) => /round/.test(line) && answer && difference(mode, coarse(wanted), coarse(answer)) === undefined
  },
  {
    reason: 'unknown time zones: V8 garbles names that are not ASCII in its message',
    explains: ({ kind, wanted }) => kind === 'message' && /Invalid time zone specified: .*[^\0-\x7f]/s.test(JSON.stringify(wanted))
  }
]

/** The reason that explains a difference, if there is one. */
export async function explained(found) {
  for (const { reason, explains } of EXCLUSIONS) if (await explains(found)) return reason
  return undefined
}

export const json = (value) => JSON.parse(JSON.stringify(value))

/** With fewer digits in the long numbers of its texts. */
const coarse = (value) => JSON.parse(JSON.stringify(value), (_, inner) => (typeof inner === 'string' ? inner.replace(/\d*\.\d{12,}|\d{17,}/g, (number) => Number(number).toPrecision(13)) : inner))

const HALF = /\\u[dD][89a-fA-F][0-9a-fA-F]{2}|[\ud800-\udfff]/g

/** With U+FFFD for each half of a pair in its texts, alone or not. */
function halved(value) {
  if (typeof value === 'string') return value.replace(HALF, '\ufffd')
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(halved)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [halved(key), halved(inner)]))
}

/** Whether a text holds half of a pair; the vectors have none. */
export const hasHalf = (value) => JSON.stringify(value).search(/\\ud[89a-f]/i) >= 0
