// What stays different from the packages, or is left out of the vectors, each with its reason (see the README of
// shared/mapping). A case that one of these takes is not compared.

export const EXCLUSIONS = [
  {
    reason: 'half of a surrogate pair: text here is Unicode',
    excludes: (_, expected) => anyText(expected, (text) => !text.isWellFormed() || /\\ud[89a-f]/i.test(text))
  }
]

/** The reason for which a case is not compared, if there is one. */
export function excluded(request, expected) {
  return EXCLUSIONS.find(({ excludes }) => excludes(request, expected))?.reason
}

function anyText(value, test) {
  if (typeof value === 'string') return test(value)
  if (value === null || typeof value !== 'object') return false
  return Object.entries(value).some(([key, inner]) => test(key) || anyText(inner, test))
}
