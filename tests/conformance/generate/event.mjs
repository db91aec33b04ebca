// Events and rows, and paths into them.
import { fields, number, object, scalar, string, text, value, word } from './json.mjs'

const COLUMNS = ['id', 'email', 'plan', 'total', 'created_at', 'items', 'address', 'tags', 'note', 'active', 'first name', 'a.b', '0', 'é']

/** The payload of a mapping: an event, a warehouse row's event, or any object. */
export function payload(r) {
  return r.weighted([
    [5, () => event(r)],
    [3, () => row(r)],
    [2, () => fields(r, 3)]
  ])
}

/** The event of a warehouse row. */
export function row(r) {
  const id = r.chance(0.8) ? `"id":${r.pick([string(r), number(r)])}` : string(r, r.pick(COLUMNS)) + ':null'
  const columns = r.list(0, 8, () => `${string(r, r.pick(COLUMNS))}:${r.chance(0.7) ? scalar(r) : value(r, 2)}`)
  const properties = `{${[id, ...columns].join(',')}}`
  return object([['type', '"track"'], ['event', r.pick(['"new"', '"updated"', '"deleted"'])], ['properties', properties]])
}

const ODD_CONTEXTS = ['null', '"x"', '5', '[]', 'false', '{"personas":null}', '{"personas":5}', '{"personas":{"computation_class":"audience","computation_key":"a"}}']

export function event(r) {
  const all = [
    ['type', r.chance(0.9) ? text(r.pick(['track', 'identify', 'page', 'group', 'screen', 'alias'])) : value(r, 1)],
    ['event', r.chance(0.85) ? string(r) : value(r, 1)],
    ['name', r.chance(0.85) ? string(r) : value(r, 1)],
    ['userId', r.chance(0.85) ? string(r) : value(r, 1)],
    ['anonymousId', r.chance(0.8) ? text(`anon-${r.between(1, 99)}`) : value(r, 1)],
    ['messageId', string(r)],
    ['timestamp', r.chance(0.8) ? text(timestamp(r)) : value(r, 1)],
    ['context', r.chance(0.95) ? context(r) : r.pick(ODD_CONTEXTS)],
    ['properties', r.chance(0.95) ? fields(r, 3) : value(r, 2)],
    ['traits', r.chance(0.95) ? fields(r, 2) : value(r, 2)]
  ]
  return object(all.filter(() => r.chance(0.85)))
}

export function timestamp(r) {
  const two = (low, high) => String(r.between(low, high)).padStart(2, '0')
  const day = `${r.between(1970, 2037)}-${two(1, 12)}-${two(1, 28)}`
  return `${day}T${two(0, 23)}:${two(0, 59)}:${two(0, 59)}${r.pick(['Z', '.123Z', '', '+02:00', '-0530'])}`
}

function context(r) {
  const inner = [
    ['ip', '"8.8.8.8"'],
    ['locale', '"en-US"'],
    ['page', object([['path', '"/p"'], ['title', string(r)], ['url', scalar(r)]])],
    ['app', r.chance(0.2) ? fields(r, 1, ['name', 'version', 'build', 'namespace', 'other']) : object([['name', scalar(r)], ['version', scalar(r)], ['other', '[]']])],
    ['network', object([['bluetooth', r.pick(['true', '"false"', '1', 'null', '0', '2'])], ['carrier', scalar(r)]])],
    ['location', object([['city', string(r)], ['latitude', number(r)], ['longitude', r.chance(0.9) ? number(r) : scalar(r)]])],
    ['device', object([['id', scalar(r)], ['advertisingId', '"a"'], ['adTrackingEnabled', 'true'], ['type', string(r)]])],
    ['os', object([['name', string(r)], ['version', number(r)]])],
    ['screen', object([['width', number(r)], ['density', r.pick(['"2.5"', '2', 'null', '""'])]])],
    ['campaign', object([['name', scalar(r)], ['source', string(r)], ['utm', '"x"']])],
    ['timezone', '"Europe/Paris"'],
    ['userAgent', string(r)],
    ['groupId', scalar(r)],
    ['consent', object([['categoryPreferences', r.chance(0.7) ? r.pick(['{}', '{"ads":true}', '{"ads":true,"x":false}', '[]']) : value(r, 2)]])]
  ]
  return object(inner.filter(() => r.chance(0.45)))
}

/** A path, mostly to something that is there. */
export function path(r, sample) {
  const keys = walk(r, sample)
  if (r.chance(0.12)) keys.push(r.pick(['length', '0', '1', '-1', '00', 'x', 'a', 'missing', '10', 'size', '']))
  if (r.chance(0.06)) keys.splice(r.below(keys.length + 1), 0, r.pick(['', 'a', '$', '..', ' ']))
  const spelled = keys.map((key, at) => part(r, String(key), at)).join('')
  const rooted = r.weighted([[6, `$.${spelled}`], [2, spelled], [1, `.${spelled}`], [1, `$${spelled}`]])
  if (r.chance(0.05)) return r.pick(['', '.', '$', '$.', '..', '[]', '[0]', ']', '$.$.', ' ', '$..', '$.properties.', '[""]', "['']", '.$.', '$[0]', 'a$.b', '"'])
  return r.chance(0.06) ? mutated(r, rooted) : rooted
}

function part(r, key, at) {
  return r.weighted([
    [6, at === 0 ? key : `.${key}`],
    [1, `[${key}]`],
    [1, `["${key}"]`],
    [1, `['${key}']`],
    [1, `.["${key}"]`]
  ])
}

function walk(r, sample) {
  const keys = []
  let at = sample
  while (at && typeof at === 'object' && Object.keys(at).length > 0 && (keys.length === 0 || r.chance(0.65))) {
    const key = r.pick(Object.keys(at))
    keys.push(key)
    at = at[key]
  }
  return keys.length === 0 ? [r.pick(['a', 'properties', 'userId'])] : keys
}

/** Another text close to this one. */
export function mutated(r, original) {
  const chars = [...original]
  for (let round = r.between(1, 2); round > 0; round--) {
    const at = r.below(chars.length + 1)
    const other = r.pick([...'.[]"\'$ a0\\@{}()=!<>|,:-%', word(r)])
    r.weighted([
      [2, () => chars.splice(at, 1)],
      [2, () => chars.splice(at, 0, other)],
      [1, () => chars.splice(at, 1, other)],
      [1, () => chars.splice(at, 0, ...chars.slice(at, at + r.between(1, 5)))]
    ])
  }
  return chars.join('')
}
