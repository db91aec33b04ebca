// Mappings: every directive, right and wrong, nested, on a random payload.
import { array, KEYS, object, scalar, string, text, value, word } from './json.mjs'
import { mutated, path, payload } from './event.mjs'
import { template as liquid } from './liquid.mjs'

const NAMES = ['path', 'template', 'if', 'case', 'replace', 'arrayPath', 'literal', 'flatten', 'json', 'merge', 'transform', 'excludeWhenNull', 'liquid', 'raw', 'root']
const ROOT = '__segment_internal_directive'

/** A case: the group rotates through the directives. */
export function mapping(r, number) {
  const group = NAMES[number % NAMES.length]
  const input = r.chance(0.97) ? payload(r) : value(r, 1)
  const maker = new Mapping(r, JSON.parse(input))
  const fields = { group, mapping: maker.whole(group), input }
  if (r.chance(0.01)) delete fields.input
  return fields
}

export class Mapping {
  constructor(r, sample, depth = 3) {
    this.r = r
    this.sample = sample
    this.depth = depth
  }

  whole(group) {
    const { r } = this
    if (group === 'root') return this.root()
    const about = group === 'raw' ? value(r, 2) : this.directive(group, this.depth)
    if (r.chance(0.2)) return about
    if (r.chance(0.01)) return value(r, 1)
    const others = r.list(0, 2, () => [r.pick(KEYS), this.any(this.depth - 1)])
    others.splice(r.below(others.length + 1), 0, [r.pick(['out', 'value', 'user_id', '0', 'a', 'x/y']), about])
    return object(others)
  }

  root() {
    const { r } = this
    const directive = r.weighted([
      [5, () => object([['@transform', object([['apply', this.object(2)]])]])],
      [3, () => object([['@if', object([['exists', this.any(1)], ['then', this.any(2)], ['else', this.any(1)]])]])],
      [3, () => object([['@arrayPath', array([text(this.place()), this.object(2)])]])],
      [2, () => object([['@merge', object([['objects', array([this.object(1), this.object(1)])], ['direction', '"right"']])]])],
      [2, () => this.directive(r.pick(NAMES.slice(0, 13)), 2)],
      [1, () => value(r, 2)],
      [1, () => object([['@transform', value(r, 1)]])],
      [1, () => object([['x', this.object(1)]])],
      [1, () => array([this.object(1)])]
    ])
    const others = r.list(0, 3, () => [r.pick(KEYS), this.any(2)])
    others.splice(r.below(others.length + 1), 0, [ROOT, directive])
    return object(others)
  }

  place() {
    return path(this.r, this.sample)
  }

  /** Any part of a mapping. */
  any(depth) {
    const { r } = this
    if (depth <= 0) return r.chance(0.6) ? object([['@path', string(r, this.place())]]) : scalar(r)
    return r.weighted([
      [3, () => value(r, 1)],
      [4, () => object([['@path', string(r, this.place())]])],
      [7, () => this.directive(r.pick(NAMES.slice(0, 13)), depth)],
      [2, () => this.object(depth)],
      [2, () => array(r.list(0, 3, () => this.any(depth - 1)))]
    ])
  }

  object(depth) {
    return object(this.r.list(0, 3, () => [this.r.pick(KEYS), this.any(depth - 1)]))
  }

  /** An option: mostly what belongs there, sometimes anything. */
  option(right, wrong = 0.06) {
    const { r } = this
    return r.chance(wrong) ? (r.chance(0.5) ? value(r, 1) : this.any(1)) : right
  }

  directive(name, depth) {
    const { r } = this
    if (r.chance(0.015)) return this.broken(depth)
    const options = this.option(this[name === 'if' || name === 'case' ? `${name}Options` : name](depth), 0.04)
    const metadata = r.chance(0.05) ? [['_metadata', value(r, 1)]] : []
    return object([[`@${name}`, options], ...metadata])
  }

  broken(depth) {
    const { r } = this
    return r.pick([
      () => object([['@nope', this.any(0)]]),
      () => object([['@path', text(this.place())], ['@template', text('x')]]),
      () => object([['@path', text(this.place())], ['other', '1']]),
      () => object([['other', '1'], ['2', this.any(depth - 1)], ['@literal', '1']]),
      () => object([['@', 'null']]),
      () => object([['@Path', text(this.place())]]),
      () => object([['@path ', text(this.place())]])
    ])()
  }

  /** Some of the options, in any order; `[probability, key, value]`. */
  options(list) {
    const kept = list.filter(([probability]) => this.r.chance(probability)).map(([, key, make]) => [key, make()])
    if (this.r.chance(0.1)) kept.reverse()
    if (this.r.chance(0.04)) kept.push([this.r.pick(KEYS), this.any(1)])
    return object(kept)
  }

  path(depth) {
    return this.r.chance(0.85) ? string(this.r, this.place()) : this.any(depth - 1)
  }

  template(depth) {
    const { r } = this
    if (r.chance(0.1)) return this.any(depth - 1)
    const parts = r.list(0, 4, () =>
      r.weighted([
        [5, () => `{{${r.pick(['', ' ', '  ', '\t'])}${this.place().replace(/^\$\./, r.chance(0.9) ? '' : '$.')}${r.pick(['', ' ', '\u00a0'])}}}`],
        [2, () => `{{{${this.place().replace(/^\$\./, '')}}}}`],
        [4, () => word(r)],
        [1, () => r.pick(['{{}}', '{{ }}', '{', '}', '{{', '}}', '{{{}}}', '{{.}}', '{{{ }}}', '{{{{a}}}}', '{{a}b}}', '$&'])]
      ])
    )
    return string(r, r.chance(0.06) ? mutated(r, parts.join('')) : parts.join(''))
  }

  ifOptions(depth) {
    const { r } = this
    const operand = () => this.option(this.any(depth - 1))
    const word = r.weighted([[5, 'exists'], [4, 'blank']])
    return this.options([
      [0.96, word, operand],
      [0.04, word === 'exists' ? 'blank' : 'exists', operand],
      [0.93, 'then', () => this.any(depth - 1)],
      [0.75, 'else', () => this.any(depth - 1)]
    ])
  }

  caseOptions(depth) {
    const { r } = this
    const operator = () => r.weighted([[12, () => r.pick(['"lower"', '"upper"'])], [1, () => r.pick(['"Upper"', '""', '"title"', '1', 'null'])]])
    return this.options([
      [0.97, 'operator', operator],
      [0.96, 'value', () => this.value(depth)]
    ])
  }

  value(depth) {
    return this.r.chance(0.25) ? string(this.r) : this.any(depth - 1)
  }

  replace(depth) {
    const { r } = this
    const short = () => string(r, r.chance(0.9) ? this.short() : word(r))
    const flag = () => r.weighted([[10, () => r.pick(['true', 'false'])], [1, () => r.pick(['null', '"true"', '1', '0'])]])
    return this.options([
      [0.97, 'pattern', short],
      [0.85, 'replacement', () => this.option(string(r, r.chance(0.6) ? this.replacement() : this.short()))],
      [0.97, 'value', () => this.value(depth)],
      [0.35, 'ignorecase', flag],
      [0.4, 'global', flag],
      [0.2, 'pattern2', () => this.option(short(), 0.1)],
      [0.15, 'replacement2', () => this.option(string(r, this.replacement()), 0.1)]
    ])
  }

  short() {
    return [...word(this.r)].slice(0, this.r.between(1, 4)).join('')
  }

  replacement() {
    return this.r.list(0, 4, () => this.r.pick(['$', '$$', '$&', '$`', "$'", '$1', '$<a>', '$0', 'x', '-', 'é', '😀', '$10'])).join('')
  }

  arrayPath(depth) {
    const { r } = this
    const parts = [this.path(depth)]
    if (r.chance(0.85)) parts.push(this.option(this.shape(depth), 0.1))
    if (r.chance(0.03)) parts.push(scalar(r))
    if (r.chance(0.02)) parts.length = 0
    return array(parts)
  }

  /** The shape of items: paths into one of them. */
  shape(depth) {
    const { r } = this
    const lists = []
    const collect = (value) => {
      if (value === null || typeof value !== 'object') return
      if (Array.isArray(value)) lists.push(...value)
      Object.values(value).forEach(collect)
    }
    collect(this.sample)
    const item = lists.length > 0 ? r.pick(lists) : this.sample
    const inner = new Mapping(r, item, depth - 1)
    return r.chance(0.75) ? inner.object(depth) : inner.any(depth - 1)
  }

  literal(depth) {
    return this.any(depth - 1)
  }

  flatten(depth) {
    const { r } = this
    return this.options([
      [0.97, 'separator', () => this.option(text(r.pick(['.', '_', '', ' ', '😀', '::'])))],
      [0.97, 'value', () => this.option(this.any(depth - 1))],
      [0.3, 'omitArrays', () => r.pick(['true', 'false', '1', '0', '""', '"x"', 'null'])]
    ])
  }

  json(depth) {
    const { r } = this
    const mode = () => r.weighted([[14, () => r.pick(['"encode"', '"decode"'])], [1, () => r.pick(['"ENCODE"', '"Decode"', '"x"', '""', 'null', '1'])]])
    return this.options([
      [0.97, 'mode', mode],
      [0.97, 'value', () => (r.chance(0.4) ? string(r, this.document()) : this.any(depth - 1))]
    ])
  }

  /** JSON in a text, or what is almost JSON. */
  document() {
    const { r } = this
    const written = value(r, 2)
    return r.chance(0.25) ? mutated(r, written) : r.pick(['', '', ' ', '\n', '\t\r\n ', '\u00a0', '\ufeff', '\u000b']) + written + r.pick(['', '', ' ', '\n', '\u2028', ','])
  }

  merge(depth) {
    const { r } = this
    const direction = () => r.weighted([[10, () => r.pick(['"left"', '"right"'])], [1, () => r.pick(['"LEFT"', '"Right"', '"up"', '""', 'null', '1'])]])
    const item = () => this.option(r.chance(0.5) ? this.object(depth - 1) : this.any(depth - 1), 0.02)
    return this.options([
      [0.96, 'objects', () => this.option(array(r.list(0, 4, item)), 0.03)],
      [0.97, 'direction', direction]
    ])
  }

  transform(depth) {
    const { r } = this
    const apply = r.chance(0.85) ? this.object(depth - 1) : this.any(depth - 1)
    const keys = Object.fromEntries(Object.keys(JSON.parse(apply) ?? {}).map((key) => [key, { a: 1, b: [1] }]))
    const inner = new Mapping(r, keys, depth - 1)
    return this.options([
      [0.97, 'apply', () => this.option(apply)],
      [0.97, 'mapping', () => this.option(r.chance(0.8) ? inner.object(depth - 1) : inner.any(depth - 1))]
    ])
  }

  excludeWhenNull(depth) {
    return this.r.chance(0.4) ? value(this.r, 2) : this.any(depth - 1)
  }

  liquid() {
    return string(this.r, liquid(this.r, this.sample))
  }
}
