// The five actions: every field with values of every type, from literals, paths and directives.
import { object, scalar, string, text, value, word } from './json.mjs'
import { event, row } from './event.mjs'
import { Mapping } from './mapping.mjs'

const fieldsWithNulls = (r) => object(r.list(1, 4, () => [r.pick(['name', 'category', 'path', 'url', 'address', 'a', 'b', '0']), r.pick(['null', 'null', '"x"', '{"a":null,"b":[null,{"c":null}]}', '1.0'])]))

const ACTIONS = ['sendTrack', 'sendIdentify', 'sendPage', 'sendScreen', 'sendGroup']
const STYLES = ['paths', 'literal', 'wrongtype', 'coerce', 'ids', 'nested', 'consent', 'directives', 'rootmap', 'all', 'row']
const STRINGS = ['user_id', 'anonymous_id', 'group_id', 'timestamp', 'page_name', 'page_category', 'screen_name', 'event_name', 'ip_address', 'locale', 'user_agent', 'timezone', 'message_id']
const FIXED = {
  application: ['name', 'version', 'build', 'namespace'],
  campaign_parameters: ['name', 'source', 'medium', 'term', 'content'],
  device: ['id', 'advertising_id', 'adTracking_Enabled', 'manufacturer', 'model', 'name', 'type', 'token', 'advertisingId'],
  location: ['city', 'country', 'latitude', 'longitude', 'speed'],
  network: ['bluetooth', 'carrier', 'cellular', 'wifi'],
  operating_system: ['name', 'version'],
  page: ['path', 'referrer', 'search', 'title', 'url'],
  screen: ['density', 'height', 'width'],
  address: ['street', 'city', 'state', 'country', 'postalCode', 'postal_code']
}
const NUMBERS = ['latitude', 'longitude', 'speed', 'density', 'height', 'width']
const BOOLEANS = ['adTracking_Enabled', 'bluetooth', 'cellular', 'wifi']
const FREE = ['properties', 'traits', 'consent']
const SOURCES = {
  user_id: '$.userId', anonymous_id: '$.anonymousId', group_id: '$.context.groupId', timestamp: '$.timestamp', page_name: '$.name', page_category: '$.properties.category', screen_name: '$.name', event_name: '$.event',
  ip_address: '$.context.ip', locale: '$.context.locale', user_agent: '$.context.userAgent', timezone: '$.context.timezone', message_id: '$.messageId', application: '$.context.app', campaign_parameters: '$.context.campaign', device: '$.context.device',
  location: '$.context.location', network: '$.context.network', operating_system: '$.context.os', page: '$.context.page', screen: '$.context.screen', address: '$.traits.address', properties: '$.properties', traits: '$.traits', consent: '$.context.consent'
}
const OTHERS = ['enable_batching', 'batch_size', 'unknown', '__segment_internal_sync_mode', '__segment_internal_matching_key', '0', 'dynamicAuthSettings']
const FIELDS = [...STRINGS, ...Object.keys(FIXED), ...FREE]

/** A case: the groups rotate through actions and styles. */
export function action(r, number) {
  const name = ACTIONS[number % ACTIONS.length]
  const style = STYLES[Math.floor(number / ACTIONS.length) % STYLES.length]
  const input = style === 'row' ? row(r) : r.chance(0.98) ? event(r) : value(r, 1)
  const maker = new Call(r, JSON.parse(input), name)
  return { group: `${name}.${style}`, action: text(name), mapping: maker.mapping(style), event: input }
}

class Call {
  constructor(r, sample, action) {
    this.r = r
    this.any = new Mapping(r, sample, 3)
    this.required = { sendTrack: 'event_name', sendGroup: 'group_id' }[action]
  }

  mapping(style) {
    const { r } = this
    if (style === 'rootmap') return this.root()
    const fields = this.fields(style)
    if (r.chance(0.1)) fields.push([r.pick(OTHERS), value(r, 1)])
    if (r.chance(0.02)) fields.push([r.pick(FIELDS), value(r, 1)])
    if (r.chance(0.01)) return this.any.directive(r.pick(['path', 'merge', 'transform', 'literal', 'arrayPath']), 2)
    return object(r.chance(0.15) ? fields.reverse() : fields)
  }

  fields(style) {
    const { r } = this
    const count = style === 'all' ? FIELDS.length : r.between(1, 6)
    const chosen = new Set(Array.from({ length: count }, () => r.pick(FIELDS)))
    if (style === 'consent') chosen.add('consent')
    if (r.chance(0.93)) chosen.add(r.pick(['user_id', 'anonymous_id']))
    if (this.required && r.chance(0.93)) chosen.add(this.required)
    const about = r.pick([...chosen])
    return [...chosen].map((key) => [key, this.field(key, style, key === about)])
  }

  field(key, style, about) {
    const { r } = this
    const plain = () => (r.chance(0.03) ? value(r, 1) : object([['@path', text(SOURCES[key])]]))
    const wrong = () => (r.chance(0.7) ? value(r, 2) : this.coercible())
    switch (style) {
      case 'row':
        return this.column(key)
      case 'paths':
        return r.chance(0.9) ? plain() : object([['@path', string(r, this.any.place())]])
      case 'wrongtype':
        return about ? wrong() : this.right(key)
      case 'coerce':
        return about ? this.coercible() : this.right(key)
      case 'ids':
        return key.endsWith('_id') ? r.pick([() => this.coercible(), plain, () => scalar(r), () => scalar(r), plain])() : this.right(key)
      case 'directives':
        return about || r.chance(0.1) ? this.any.any(2) : plain()
      case 'consent':
        return key === 'consent' ? this.consent() : plain()
      default:
        return r.weighted([[60, () => this.right(key)], [30, plain], [1, wrong]])
    }
  }

  /** What a field is for; keys of fixed objects hold anything. */
  right(key) {
    const { r } = this
    if (FIXED[key]) {
      const inner = FIXED[key].filter(() => r.chance(0.6)).map((name) => [name, r.weighted([[10, () => this.inner(name)], [1, () => this.coercible()], [1, () => object([['@path', text(this.any.place())]])]])])
      if (r.chance(0.2)) inner.push([r.pick(['unknown', '0', 'name']), value(r, 1)])
      return object(inner)
    }
    return FREE.includes(key) ? (r.chance(0.2) ? r.pick([() => this.any.object(3), () => object([['@excludeWhenNull', r.chance(0.5) ? this.any.object(2) : fieldsWithNulls(r)]]), () => object([['@merge', object([['direction', '"right"'], ['objects', `[${this.any.object(2)},${fieldsWithNulls(r)}]`]])]])])() : r.chance(0.97) ? value(r, 3).replace(/^[^{].*$/s, '{"a":null,"name":"n","b":{"c":""}}') : this.any.any(2)) : string(r)
  }

  /** What a mapping of a warehouse row gives a field. */
  column(key) {
    const { r } = this
    const at = (column) => object([['@path', text(`$.properties.${column}`)]])
    const any = () => at(r.pick(['id', 'email', 'plan', 'total', 'created_at', 'note', 'active', "['first name']", '["a.b"]', 'address', 'items', 'tags[0]', '0', 'é', 'missing']))
    if (key === 'event_name') return r.pick([object([['@path', '"$.event"']]), object([['@template', '"Row {{event}} {{ properties.id }}"']]), '"Order"'])
    if (key.endsWith('_id')) return r.chance(0.85) ? at('id') : any()
    if (FREE.includes(key)) return r.pick([object([['@path', '"$.properties"']]), object([['@excludeWhenNull', object([['@path', '"$.properties"']])]]), object([['email', any()], ['n', object([['@merge', object([['direction', '"right"'], ['objects', `[${at('address')},{"x":1}]`]])]])]])])
    if (FIXED[key]) return object(FIXED[key].slice(0, 2).map((name) => [name, at(r.pick(['note', 'plan', 'email', 'total', 'active']))]))
    return any()
  }

  /** What a key of a fixed object takes, in all spellings. */
  inner(name) {
    const { r } = this
    if (NUMBERS.includes(name)) return r.pick(['0', '1.50', '-0', '1e21', '" 12 "', '"0x10"', '"1e3"', 'true', 'null', '""', '" "', '[5]', '["7"]', '12345678901234567890', '"Infinity"', '[null]'])
    if (BOOLEANS.includes(name)) return r.pick(['true', 'false', '"true"', '"false"', '0', '1', '1.0', 'null', '""', '[true]', '["false"]', '-0', '[0]'])
    return r.chance(0.6) ? string(r) : r.pick(['1', '1.50', '-0', '1e21', '1E-7', 'true', 'false', 'null', '""', '" "', '["x"]', '[1]', '[null]', '9007199254740993'])
  }

  coercible() {
    const { r } = this
    const single = () => r.pick(['null', '""', '" "', '0', '1', '-0', '2', '1.50', '1E3', '1e21', '1e-7', '12345678901234567890', 'true', 'false', '"true"', '"false"', '"True"', '"1"', '"0"', '"12.5"', '" 12 "', '"0x10"', '"1e3"', '"Infinity"', '"-Infinity"', '"NaN"', '"1,5"', '"12abc"', '"null"', '"0b11"', '"\\t"', '"\\u00a05"', '"."', '"-"', '"+5"', '"1_000"', '"1e400"', '"-0"', '".5"', '"5."', text(word(r))])
    return r.weighted([
      [8, single],
      [3, () => `[${single()}]`],
      [1, () => r.pick(['[]', '[1,2]', '[[1]]', '[[]]', '[{}]', '{}', '[null,null]', '["a","b"]', '[[["x"]]]'])]
    ])
  }

  consent() {
    const { r } = this
    const preferences = r.pick([
      () => object(r.list(0, 3, (at) => [`c${at}`, r.chance(0.85) ? r.pick(['true', 'false']) : scalar(r)])),
      () => object(r.list(1, 3, (at) => [`c${at}`, r.chance(0.6) ? r.pick(['true', 'false']) : object([['@path', text(r.pick(['$.missing', '$.context.consent', '$.properties.a', '$.x']))]])])),
      () => `[${r.list(0, 2, () => r.pick(['true', 'false', '1'])).join(',')}]`,
      () => scalar(r),
      () => 'null'
    ])()
    return r.weighted([
      [6, () => object([['categoryPreferences', preferences], ...(r.chance(0.3) ? [['extra', value(r, 1)]] : [])])],
      [1, () => object([])],
      [1, () => value(r, 1)],
      [1, () => object([['@excludeWhenNull', object([['categoryPreferences', preferences]])]])],
      [1, () => object([['@path', '"$.context.consent"']])]
    ])
  }

  root() {
    const { r } = this
    const apply = object([['u', object([['@path', '"$.userId"']])], ['p', this.any.any(2)], ['e', object([['@path', '"$.event"']])], ['t', object([['@path', '"$.traits"']])]])
    const directive = r.weighted([
      [6, () => object([['@transform', object([['apply', apply]])]])],
      [2, () => object([['@if', object([['exists', this.any.any(1)], ['then', object([['user_id', '"x"'], ['event_name', '"e"'], ['group_id', '"g"']])], ['else', object([['anonymous_id', '5']])]])]])],
      [2, () => object([['@merge', object([['direction', '"left"'], ['objects', `[{"user_id":"m","event_name":"e","group_id":1},${this.any.any(1)}]`]])]])],
      [1, () => object([['@arrayPath', `[${string(r, this.any.place())},{"user_id":"a"}]`]])],
      [1, () => value(r, 2)]
    ])
    const fields = this.fields(r.pick(['paths', 'literal', 'coerce'])).map(([key, made]) => [key, r.chance(0.4) ? object([['@path', text(r.pick(['$.u', '$.p', '$.e', '$.t', '$.p.a']))]]) : made])
    return object([['__segment_internal_directive', directive], ...fields])
  }
}
