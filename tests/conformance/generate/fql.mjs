// Triggers: the language as it is documented, as Segment's generator writes it, and texts close to it.
import { KEYS, string, text, word } from './json.mjs'
import { event, mutated } from './event.mjs'

const GROUPS = ['eq', 'neq', 'number', 'bool', 'exists', 'contains', 'match', 'andor', 'group', 'escape', 'documented', 'quirk', 'malformed', 'tokens']
const TOP = ['type', 'event', 'name', 'userId', 'properties', 'traits', 'context']

export function fql(r, number) {
  const group = GROUPS[number % GROUPS.length]
  const payload = r.chance(0.98) ? event(r) : r.pick(['{}', '[]', 'null', '"x"', '5', '{"type":null}', '[1]', 'true'])
  const maker = new Trigger(r, JSON.parse(payload))
  let written = maker.about(group)
  if (r.chance(0.05)) written = mutated(r, written)
  return { group, fql: string(r, written), event: payload }
}

class Trigger {
  constructor(r, sample) {
    this.r = r
    this.sample = sample
  }

  about(group) {
    const { r } = this
    switch (group) {
      case 'andor':
        return this.joined(() => this.condition(), 2, 5)
      case 'group':
        return this.joined(() => (r.chance(0.6) ? `(${this.joined(() => this.condition(), 1, 3)})` : this.condition()), 1, 3)
      case 'documented':
        return this.joined(() => this.documented(), 1, 3)
      case 'quirk':
        return this.joined(() => (r.chance(0.5) ? this.quirk() : this.condition()), 1, 3)
      case 'malformed':
        return mutated(r, this.joined(() => this.condition(), 1, 3))
      case 'tokens':
        return r.list(1, 10, () => this.token()).join(r.pick(['', ' ', ' ']))
      case 'escape':
        return this.joined(() => `${this.escaped()} ${r.pick(['=', '!='])} ${this.value()}`, 1, 2)
      default:
        return r.chance(0.6) ? this.condition(group) : this.joined(() => this.condition(group), 2, 3)
    }
  }

  joined(make, least, most) {
    const { r } = this
    return r.list(least, most, (at) => (at > 0 ? `${r.pick([' and ', ' or ', ' and ', ' or ', '  and\t', '\nor '])}${make()}` : make())).join('')
  }

  condition(group = this.r.pick(GROUPS.slice(0, 7))) {
    const { r } = this
    const field = r.chance(0.93) ? this.field() : this.escaped()
    switch (group) {
      case 'eq':
        return `${field} = ${this.value(field)}`
      case 'neq':
        return `${field} != ${this.value(field)}`
      case 'number':
        return `${field} ${r.pick(['<', '<=', '>', '>=', '=', '!='])} ${this.number(field)}`
      case 'bool':
        return `${field} ${r.pick(['=', '!='])} ${r.pick(['true', 'false', '"true"'])}`
      case 'exists':
        return `${field} ${r.pick(['=', '!='])} null`
      case 'contains':
        return `${r.pick(['', '', '!'])}contains(${field}${r.pick([', ', ',', ' , '])}${this.part(field)})`
      default:
        return `${r.pick(['', '', '!'])}match(${field}, ${this.pattern(field)})`
    }
  }

  keys() {
    const { r } = this
    const keys = []
    let at = this.sample
    do {
      const known = at && typeof at === 'object' ? Object.keys(at) : []
      const key = known.length > 0 && r.chance(0.9) ? r.pick(known) : keys.length === 0 ? r.pick(TOP) : r.pick(KEYS)
      keys.push(key)
      at = at?.[key]
    } while (keys.length < 4 && r.chance(keys.length === 1 ? 0.8 : at && typeof at === 'object' ? 0.5 : 0.1))
    return keys
  }

  field() {
    const keys = this.keys()
    this.actual = keys.reduce((at, key) => at?.[key], this.sample)
    const written = keys.map((key) => this.escape(key)).join('.')
    if (this.r.chance(0.05)) return `${written}${this.r.pick(['[0]', '[1]', '.0', '.length', '["x"]', '.', '..a'])}`
    return written
  }

  /** As Segment's generator escapes. */
  escape(key) {
    return this.r.chance(0.92) ? key.replace(/([^A-Za-z0-9_-])/gu, '\\$1') : key
  }

  /** More backslashes than needed. */
  escaped() {
    const { r } = this
    return this.keys().map((key) => [...key].map((c) => (r.chance(0.3) || /[^A-Za-z0-9_-]/.test(c) ? `\\${c}` : c)).join('')).join(r.pick(['.', '.', '\\.']))
  }

  value() {
    const { r } = this
    const { actual } = this
    if (r.chance(0.5) && (typeof actual === 'string' || typeof actual === 'number' || typeof actual === 'boolean')) {
      return typeof actual === 'string' || r.chance(0.3) ? this.quoted(String(actual)) : String(actual)
    }
    return r.weighted([
      [5, () => this.quoted(word(r))],
      [2, () => this.number()],
      [2, () => r.pick(['true', 'false', 'null'])],
      [1, () => r.pick(['track', 'x', 'n', 'na', 'nul', 'an', 'o', 'trackx', 'True', 'nullx', 'android', 'order', "'x'", '""', "''", '-', '+', '.5', '5.'])]
    ])
  }

  quoted(content) {
    const { r } = this
    const quote = r.weighted([[12, '"'], [1, "'"]])
    return `${quote}${r.chance(0.9) ? content.replaceAll(quote, '') : content}${quote}`
  }

  number() {
    const { r } = this
    if (typeof this.actual === 'number' && r.chance(0.5)) return String(this.actual + r.pick([0, 0, 1, -1, 0.5]))
    return r.pick(['0', '1', '-1', '42', '3.14', '+7', '1e3', '9007199254740993', '0.1', '100', '-0', '1.0', '00', '0x10', '1.2.3', '-', '12345678901234567890', '.5', '5.', '1,000'])
  }

  part() {
    const { r } = this
    const { actual } = this
    if (typeof actual === 'string' && actual !== '' && r.chance(0.7)) {
      const chars = [...actual]
      const from = r.below(chars.length)
      return this.quoted(chars.slice(from, from + r.between(1, 5)).join(''))
    }
    return this.value()
  }

  pattern() {
    const { r } = this
    const { actual } = this
    if (typeof actual === 'string' && actual !== '' && r.chance(0.75)) {
      const chars = [...actual]
      const cut = r.between(0, chars.length)
      const [before, after, rest] = [chars.slice(0, cut), chars.slice(cut), chars.slice(1)].map((part) => part.join(''))
      return this.quoted(r.pick([`${before}*`, `*${after}`, actual, `?${rest}`, `${before}*${after}`, `x${actual}`, `*${actual}*`]))
    }
    return r.chance(0.8) ? this.quoted(r.pick(['*', '', 'a*', '*a', '**', 'a*b', '?', '\\*', '[a]*', '😀*', '*😀', 'é'])) : this.value()
  }

  documented() {
    const { r } = this
    const field = this.field()
    return r.pick([
      () => `length(${field}) > ${this.number()}`,
      () => `lowercase(${field}) = ${this.value()}`,
      () => `typeof(${field}) = "string"`,
      () => `${field} in [${r.list(0, 3, () => this.value()).join(', ')}]`,
      () => `${this.value()} = ${field}`,
      () => `!(${this.condition()})`,
      () => `! ${this.condition()}`,
      () => `!${field}`,
      () => `${field}`,
      () => `(${this.condition()} and (${this.condition()} or ${this.condition()}))`,
      () => `match(${this.pattern()}, ${field})`,
      () => `contains(lowercase(${field}), ${this.part()})`,
      () => `NOT ${this.condition()}`,
      () => `${this.condition()} AND ${this.condition()}`,
      () => `groupId = ${this.value()}`,
      () => `anonymousId != null`,
      () => `messageId = ${this.value()}`,
      () => `${field} = ${this.field()}`,
      () => this.condition()
    ])()
  }

  quirk() {
    const { r } = this
    return r.pick([
      '()', '(', ')', 'null', 'type', 'type =', 'type !', '= "x"', 'properties', 'traits. = 1', 'type="track"', 'type ="track"', 'type= "track"', 'type = "track"x', 'type = "track" "x"', 'contains()', 'contains(type)', 'contains(type,)', 'match(type, "t*"', 'contains(type, "a", "b")', 'contains type', 'contains(event "x")', 'contains(5, "x")', 'match(null, "x")', 'type <= "x"', 'event < 5', 'userId > 1', 'name = 5', 'type = 5', 'event = true', 'event != true', 'userId = null', 'type = null', 'event != null', 'properties = null', 'traits != null', 'context.ip = null', 'typex = "a"', 'event_name = "x"', 'types = "track"', 'Type = "track"', 'properties.a =', 'and', 'or', 'and and', 'type = and', 'type = or', 'contains(contains(type, "t"), "x")', '!', '!!', '!=', '!type = "x"', 'properties.a == 1', 'properties.a <> 1', 'properties.a => 1', 'type = [', 'type = (', 'type = (x)', 'type , "x"', '[type] = "x"', '"type" = "track"', '\\type = "track"', 'ty\\pe = "track"', 'properties.null = 1', 'properties.and = 1', 'properties.or != 1', 'null = properties.a', 'properties .a = 1', 'properties. a = 1', 'properties.a.b.c.d != 1', 'or or or', 'type = "track" #', 'type = "track" é', '5', '-', '"', "'", '.', ',', '[', ']', '\\', 'é', '😀'
    ])
  }

  token() {
    const { r } = this
    return r.weighted([
      [6, () => this.field()],
      [6, () => r.pick(['=', '!=', '<', '<=', '>', '>=', '!'])],
      [5, () => this.value()],
      [4, () => r.pick(['and', 'or'])],
      [3, () => r.pick(['(', ')', ',', '[', ']', '.'])],
      [2, () => r.pick(['contains(', 'match(', '!contains(', '!match('])],
      [1, () => r.pick(['null', 'true', 'n', 'a', '\\', ' ', '#', text(word(r))])]
    ])
  }
}
