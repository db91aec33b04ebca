// Equality as the vectors define it: order of keys free, numbers by value, text exact, errors as errors.

/** What differs: nothing, `result` or only `message`. */
export function difference(mode, expected, actual) {
  if (actual === undefined) return 'result'
  if (mode === 'fql') return fql(expected, actual)
  const failed = 'error' in expected
  if (failed !== 'error' in actual) return 'result'
  if (failed) return wording(expected, actual)
  const key = mode === 'action' ? 'batch' : 'output'
  if (key in expected !== key in actual) return 'result'
  return same(expected[key], actual[key]) ? undefined : 'result'
}

function fql(expected, actual) {
  if (expected.throws) return actual.match ? 'result' : undefined
  return expected.match === actual.match && expected.parse_error === actual.parse_error ? undefined : 'result'
}

function wording(expected, actual) {
  const wanted = typeof expected.error === 'object' ? expected.error : expected
  const got = typeof actual.error === 'object' ? actual.error : { message: actual.error, class: wanted.class }
  return wanted.message === got.message && wanted.class === got.class ? undefined : 'message'
}

/** Whether an object in a text has a key twice, which what it was read as does not tell. */
export function repeats(text, value) {
  const written = text.match(/"(?:[^"\\]|\\.)*"(?:\s*:)?/g).filter((token) => token.endsWith(':'))
  return written.length !== keys(value)
}

/** How many keys a value has, at any depth. */
function keys(value) {
  if (typeof value !== 'object' || value === null) return 0
  const inside = Object.values(value).reduce((sum, item) => sum + keys(item), 0)
  return inside + (Array.isArray(value) ? 0 : Object.keys(value).length)
}

export function same(a, b) {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
}
