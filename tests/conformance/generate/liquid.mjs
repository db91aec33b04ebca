// Liquid templates: every tag and filter, right and wrong.
import { object, scalar, string, text, value, word } from './json.mjs'
import { mutated, path, timestamp } from './event.mjs'

const ANY = (g) => g.operand()
const NUM = (g) => g.r.pick(['0', '1', '2', '-1', '3', '10', '1.5', '-2.7', '0.5', 'n', 'z', '"2"', '"x"', 'nil', '100', '4.0'])
const TEXT = (g) => g.r.pick(['" "', '"a"', '""', '"o"', "','", '"é"', '"l"', 'w', '"😀"', '"\\n"', '", "', '"-"', '"$&"', '"."', '"lo"'])
const PROPERTY = (g) => g.r.pick(['"sku"', '"qty"', '"a"', '"b"', '"price"', '"missing"', '"a.b"', '"geo.lat"', '"0"', '""', '"size"'])

const FORMATS = [
  '%Y-%m-%d', '%Y-%m-%dT%H:%M:%S%z', '%b %d, %Y', '%B %-d, %y', '%A %a %j %U %W', '%e %l:%M %p %P', '%H%I%k%M%S%L%N', '%3N %6N %9N', '%s %Q', '%Z', '%z %:z %::z',
  '%D %F %R %T %r', '%u %w %C %h %n%t%%', '%q', '%^a %^B %#p %_d %-m %05d %10Y', '%', '%-', '%1', '%E', '%s', '%d/%m/%Y', '%10A', '%-5d', '%_5m', '%05H', '%+5d', '%:', '%v', '%G-%V', '%O',
  'plain', '', '%%Y', '%y%y', '%é', '%-I%P', '%Y年%m月', '%3L', '%N', '%-N', '%0e', '%^h', '%-j', '%-l', '%-y', '%-U', '%2S'
]
const ZONES = ['"UTC"', '"Europe/Paris"', '"America/New_York"', '"Asia/Kolkata"', '"Australia/Lord_Howe"', '"Asia/Tokyo"', '"America/St_Johns"', '"Nope/Zone"', '360', '-90', '"60"', '0', 'nil', '"America/Sao_Paulo"', '"Asia/Kathmandu"', '"Europe/Dublin"', '"Pacific/Apia"', '""', '330.5']
const DATES = [
  '2024-02-29', '2024-01-15T10:30:00Z', '2019-11-03T05:30:00Z', '2019-11-03T06:30:00.999Z', '1969-12-31', '1700000000', '1700000000000', '-1', '0',
  '2024-13-01', '2023-02-30', 'Jan 5 2024', '5 January 2024 10:00', 'January 5, 2024 3:04 PM', '2024/01/05', '01/02/2024', '2024-1-5', '20240105', 'Tue, 05 Nov 2019 10:00:00 GMT',
  '2024-06-15 12:00', '2024-06-15T12:00+05:30', '2024-06-15T12:00:00-0800', '12:30', 'hello', '', '1e3', '2024-01-15T24:00:00Z', '2024-01-15T25:00:00Z', 'Sat Mar 02 2024', '2024-01', '2024', '99', '1.5', '2024-01-15T10:30:00.123456Z', 'Mar 3', '3 Mar 24', '2024-03-10T02:30:00', '10 May 2020 (comment) 5:6:7', '2024-06-15 12:00 EST', '1700000000.5', 'May', '2024W05', '9999-12-31T23:59:59Z'
]

/** Filters by their usual arguments. */
const FILTERS = {
  append: [TEXT], prepend: [TEXT], upcase: [], downcase: [], capitalize: [], strip: [], lstrip: [], rstrip: [], replace: [TEXT, TEXT],
  replace_first: [TEXT, TEXT], replace_last: [TEXT, TEXT], remove: [TEXT], remove_first: [TEXT], remove_last: [TEXT], truncate: [NUM, TEXT],
  truncatewords: [NUM, TEXT], split: [TEXT], slice: [NUM, NUM], escape: [], escape_once: [], xml_escape: [], url_encode: [], url_decode: [],
  cgi_escape: [], uri_escape: [], slugify: [(g) => g.r.pick(['"raw"', '"default"', '"pretty"', '"ascii"', '"latin"', '"none"', '"x"']), (g) => g.r.pick(['true', 'false', 'nil'])],
  strip_html: [], strip_newlines: [], normalize_whitespace: [], number_of_words: [(g) => g.r.pick(['"cjk"', '"auto"', '"x"'])], base64_encode: [], base64_decode: [],
  to_integer: [], plus: [NUM], minus: [NUM], times: [NUM], divided_by: [NUM, (g) => g.r.pick(['true', 'false', '1'])], modulo: [NUM], abs: [], ceil: [], floor: [], round: [NUM], at_least: [NUM], at_most: [NUM],
  join: [TEXT], first: [], last: [], size: [], compact: [], sum: [PROPERTY], where: [PROPERTY, ANY], push: [ANY], pop: [], shift: [], unshift: [ANY],
  default: [ANY, (g) => g.r.pick(['allow_false: true', 'allow_false: false', 'true'])], json: [NUM], jsonify: [NUM], inspect: [NUM], raw: [], sha256: [], hmac_sha256: [TEXT],
  date: [(g) => (g.r.chance(0.4) ? text(g.format()) : text(g.r.pick(FORMATS))), (g) => g.r.pick(ZONES)], date_to_xmlschema: [], date_to_rfc822: [], date_to_string: [(g) => g.r.pick(['"ordinal"', '"x"']), (g) => g.r.pick(['"US"', '"UK"'])],
  date_to_long_string: [(g) => g.r.pick(['"ordinal"', '"x"']), (g) => g.r.pick(['"US"', '"UK"'])]
}
const NAMES = Object.keys(FILTERS)
const DISABLED = ['map', 'sort', 'concat', 'reverse', 'uniq', 'where_exp', 'group_by', 'newline_to_br', 'type', 'find', 'has', 'sort_natural', 'reject', 'array_to_sentence_string', 'find_index']
const TAGS = ['assign', 'branch', 'unless', 'compare', 'counter', 'cycle', 'capture', 'raw', 'comment', 'echo', 'liquid', 'inline', 'output', 'mixed', 'broken', 'block', 'large']

/** A case: a group for each filter and each kind of tag. */
export function liquid(r, number) {
  const groups = NAMES.length * 2 + TAGS.length * 4
  const at = number % groups
  const input = variables(r, at)
  const maker = new Liquid(r, JSON.parse(input))
  const filter = NAMES[at >> 1]
  const [group, template] = filter
    ? [`filter.${filter}`, maker.about(filter)]
    : [`tag.${TAGS[at % TAGS.length]}`, maker.tag(TAGS[at % TAGS.length])]
  return { group, mapping: object([['out', object([['@liquid', text(maker.spoiled(template))]])]]), input }
}

/** Any template, as a directive among others. */
export function template(r, sample) {
  const maker = new Liquid(r, sample)
  return maker.spoiled(r.chance(0.6) ? maker.about(r.pick(NAMES)) : maker.tag(r.pick(TAGS)))
}

function variables(r) {
  const items = `[${r.list(0, 4, () => object([['sku', string(r)], ['qty', scalar(r)], ['price', r.pick(['1.5', '2', '"3"', 'null', 'true'])], ['geo', object([['lat', scalar(r)]])]].filter(() => r.chance(0.8)))).join(',')}]`
  const v = r.weighted([[5, () => scalar(r)], [2, () => value(r, 2)], [2, () => text(r.pick(DATES))], [1, () => text(timestamp(r))], [1, () => items]])
  return object([
    ['v', v],
    ['w', string(r)],
    ['n', scalar(r)],
    ['l', r.pick(['["a","b","c"]', '[3,1,2]', '[]', '["1",null,true,1.5]', '[[1,2],[3]]', '[{"a":1},{"a":2,"b":null}]', '["b","a","😀"]'])],
    ['o', r.pick(['{}', '{"a":1,"b":{"c":[1,2]}}', '{"size":9,"first":"f"}', '{"0":"x","b":null}'])],
    ['e', '""'],
    ['z', '0'],
    ['f', 'false'],
    ['items', items]
  ])
}

class Liquid {
  constructor(r, sample) {
    this.r = r
    this.sample = sample
  }

  /** Now and then something is broken in it. */
  spoiled(template) {
    return this.r.chance(0.07) ? mutated(this.r, template) : template
  }

  about(filter) {
    const { r } = this
    const dates = filter.startsWith('date')
    const initial = dates && r.chance(0.6) ? text(r.pick(DATES)) : r.chance(0.6) ? 'v' : this.operand()
    const chain = [initial, this.filter(filter)]
    if (r.chance(0.35)) chain.push(this.filter(r.pick([...NAMES, 'json', 'json', 'size', 'join', 'first'])))
    if (r.chance(0.03)) chain.splice(1, 0, this.filter(r.pick(DISABLED)))
    if (r.chance(0.05)) chain.splice(1, 0, this.filter(r.pick(NAMES)))
    const out = `${this.open('{{')} ${chain.join(r.pick([' | ', '|', ' |  ']))} ${this.close('}}')}`
    return r.chance(0.4) ? `[${out}]` : out
  }

  /** A format of any directives; those that depend on the locale are left out. */
  format() {
    const { r } = this
    return r.list(1, 4, () => `%${r.pick(['', '', '', '-', '_', '0', '^', '#', '+', '-^', '0#'])}${r.pick(['', '', '', '2', '5', '12', '03'])}${r.pick([...'aAbBCdejHIklLmMNpPqsSuUwWyYZz%tnQGVgFTDRrhvf'])}${r.pick(['', ' ', ':', '-', 'x'])}`).join('')
  }

  open(mark) {
    return this.r.chance(0.1) ? `${mark}-` : mark
  }

  close(mark) {
    return this.r.chance(0.1) ? `-${mark}` : mark
  }

  filter(name) {
    const { r } = this
    const usual = FILTERS[name] ?? [ANY]
    const count = r.chance(0.85) ? r.between(Math.min(usual.length, 1), usual.length) : r.between(0, 3)
    const given = Array.from({ length: count }, (_, at) => {
      const one = (usual[at] ?? ANY)(this)
      return r.chance(0.08) ? this.operand() : r.chance(0.03) ? `key: ${one}` : one
    })
    return given.length > 0 ? `${name}${r.pick([':', ': ', ' : '])}${given.join(r.pick([', ', ',']))}` : name
  }

  operand() {
    const { r } = this
    return r.weighted([
      [6, () => r.pick(['v', 'w', 'n', 'l', 'o', 'e', 'z', 'f', 'items', 'x', 'missing'])],
      [3, () => this.access()],
      [4, () => this.constant()],
      [1, () => `(${r.pick(['1', '0', 'n', '-1', 'z'])}..${r.pick(['3', '5', 'n', '1', '"2"'])})`]
    ])
  }

  access() {
    const { r } = this
    return r.pick([
      'l[0]', 'l[-1]', 'l.first', 'l.last', 'l.size', 'o.a', 'o["b"]', 'o.b.c[1]', 'o.size', 'o.first', 'o.last', 'items[0].sku', 'items.size', 'v.size', 'v[0]', 'w[1]', 'w.size',
      'items.first.qty', 'l[n]', 'o[w]', 'o["b"].c', "o['a']", 'o.b["c"].last', 'l[1.5]', 'v.first', 'v.a', 'v.b', 'l["0"]', 'l[l[0]]', '["v"]', '[w]', 'v.length', '"abc"[1]', '"abc".size', '(1..3)[0]', '(1..3).size', 'v.last', 'items[9].x', '5.size',
      () => path(r, this.sample).replace('$.', '')
    ].map((one) => (typeof one === 'string' ? one : one())))
  }

  constant() {
    const { r } = this
    return r.pick([
      '"text"', "'it'", '5', '-3', '0', '1.0', '2.50', '1e3', 'true', 'false', 'nil', 'null', 'empty', 'blank', '""', '" "', '"a\\"b"', "'\\u00e9'", '"\\n\\t"', '"\\x"', '007', '+4', '.5', '1.', '9007199254740993', '123456789012345678901234567890', '"5"', '-0', text(r.pick(DATES)), text(word(r)).replaceAll('\\"', "'")
    ])
  }

  condition() {
    const { r } = this
    const one = () =>
      r.weighted([
        [6, () => `${this.operand()} ${r.pick(['==', '!=', '<', '<=', '>', '>=', 'contains'])} ${this.operand()}`],
        [3, () => this.operand()],
        [1, () => `not ${this.operand()}`],
        [1, () => `${this.operand()} | ${this.filter(r.pick(['size', 'first', 'upcase', 'json', 'plus']))}`]
      ])
    const parts = [one()]
    while (r.chance(0.3)) parts.push(r.pick(['and', 'or']), one())
    return parts.join(' ')
  }

  /** A tag with its delimiters. */
  wrap(inside) {
    const { r } = this
    return `${this.open('{%')}${r.chance(0.9) ? ' ' : ''}${inside}${r.chance(0.9) ? ' ' : ''}${this.close('%}')}`
  }

  body() {
    const { r } = this
    return r.weighted([
      [4, () => r.pick(['T', 'a b', ' x ', '\n  y\n', '', '{', '}}', '%}', 'é'])],
      [4, () => `{{ ${this.operand()} }}`],
      [1, () => this.tag(r.pick(TAGS.slice(0, 8)))]
    ])
  }

  tag(kind) {
    const { r } = this
    const wrap = (inside) => this.wrap(inside)
    const shown = (name) => `{{ ${name} }}|{{ ${name} | json }}`
    switch (kind) {
      case 'assign':
        return `${wrap(`assign x = ${this.operand()}${r.chance(0.5) ? ` | ${this.filter(r.pick(NAMES))}` : ''}`)}${shown('x')}`
      case 'branch':
        return `${wrap(`if ${this.condition()}`)}${this.body()}${r.chance(0.5) ? wrap(`elsif ${this.condition()}`) + this.body() : ''}${r.chance(0.7) ? wrap('else') + this.body() : ''}${wrap('endif')}${r.chance(0.5) ? ' tail' : ''}`
      case 'unless':
        return `${wrap(`unless ${this.condition()}`)}${this.body()}${r.chance(0.4) ? wrap(`elsif ${this.condition()}`) + this.body() : ''}${r.chance(0.6) ? wrap('else') + this.body() : ''}${wrap('endunless')}`
      case 'compare':
        return `{% if ${this.condition()} %}T{% else %}F{% endif %}`
      case 'counter':
        return r.list(1, 4, () => (r.chance(0.7) ? wrap(`${r.pick(['increment', 'decrement'])} ${r.pick(['c', 'd', 'q', ''])}`) : `{{ ${r.pick(['c', 'd', 'q'])} }}`)).join('-')
      case 'cycle':
        return r.list(1, 4, () => wrap(`cycle ${r.chance(0.3) ? `${r.pick(['"g"', 'w', 'n'])}: ` : ''}${r.list(1, 3, () => this.operand()).join(', ')}`)).join('-')
      case 'capture':
        return `${wrap(`capture ${r.pick(['x', '"x"', "'y z'", 'x y', '', '5'])}`)}${this.body()}${this.body()}${wrap('endcapture')}${shown('x')}`
      case 'raw':
        return `${wrap('raw')}${r.pick(['{{ x }}', '{% if %}', ' text ', '{{', ''])}${wrap('endraw')}${this.body()}`
      case 'comment':
        return `a${wrap('comment')}${r.pick(['{{ x }}', '{% if x %}', ' text ', '{% comment %}'])}${wrap('endcomment')}b`
      case 'echo':
        return wrap(`echo ${r.chance(0.9) ? this.operand() : ''}${r.chance(0.5) ? ` | ${this.filter(r.pick(NAMES))}` : ''}`)
      case 'liquid':
        return wrap(`liquid\n${r.list(1, 4, () => this.statement()).join('\n')}`)
      case 'inline':
        return `a${wrap(r.pick(['# note', '#', '# a\n# b', '# a\nb', '#note']))}b`
      case 'output':
        return `{{${r.pick([' ', '', '-', '- '])}${this.operand()}${r.pick([' ', '', ' -'])}}}`
      case 'large':
        return this.large()
      case 'block':
        return `${wrap(`block ${r.pick(['a', ''])}`)}${this.body()}${wrap('endblock')}${r.chance(0.3) ? wrap(r.pick(['break', 'continue'])) + 'x' : ''}`
      case 'broken':
        return r.pick([
          '{% for i in l %}{{ i }}{% endfor %}', '{% case v %}{% when 1 %}{% endcase %}', '{% include "x" %}', '{% render "x" %}', '{% layout "x" %}', '{% tablerow i in l %}{% endtablerow %}',
          '{% nope %}', '{% endif %}', '{% else %}', '{% if v %}', '{{ v', '{% if v', '{{ v | }}', '{{ v | upcase: }}', '{{ }}', '{{ | upcase }}', '{% assign = 1 %}', '{% assign x 1 %}', '{% assign x = %}', '{{ v || upcase }}', '{{ v | "x" }}', '{% if %}T{% endif %}', '{% raw %}x', '{% comment %}x', '{% capture x %}', '{{ (1..) }}', '{{ l[0 }}', '{% %}', '{%%}', '{% cycle %}', '{% if v %}{% else %}{% else %}{% endif %}', '{% if v %}{% else %}{% elsif %}{% endif %}', '{% unless v %}{% endif %}', '{% if v %}{% endif x %}', '{% 5 %}', '{{ "abc }}', "{{ 'a'b }}", '{{ v upcase }}', '{{ v | plus 1 }}', '{{ v.}}', '{{ v..a }}', '{{ .v }}', '{{ 5.a }}', '{% if v = 1 %}{% endif %}', '{% if v and %}T{% endif %}', '{% if and v %}T{% endif %}', '{% endraw %}', '{% when %}', '{% increment %}', '{% liquid\nfor x in l\n%}', '{% liquid %}', '{% # %}', '{{ v | nope: 1 }}', '{{ v | map: "a" }}', '{% if v | map: "a" %}{% endif %}'
        ])
      default:
        return r.list(1, 4, () => (r.chance(0.5) ? this.body() : this.tag(r.pick(TAGS.slice(0, 13))))).join(r.pick(['', ' ', '\n']))
    }
  }

  /** What comes near the limits, or passes them. */
  large() {
    const { r } = this
    const shown = `{{ x | ${r.pick(['size', 'truncate: 20', 'slice: 5, 3', 'first', 'json | size', 'sha256', 'split: "a" | size', 'upcase | size'])} }}`
    return r.pick([
      () => `{% assign x = ${r.pick(['v', 'w', '"ab"', 'l', '(1..3)'])} %}${`{% assign x = x | ${r.pick(['append: x', 'prepend: x', 'push: x', 'replace: "a", "aa"'])} %}`.repeat(r.between(3, 18))}${shown}`,
      () => `{% assign x = (1..${r.pick(['1000', '20000', '900000000', '99999999999', 'n', '-5', '2.7'])}) | join: "${r.pick(['', ',', 'é'])}" %}${shown}`,
      () => `${r.pick(['é', 'a', '😀', ' ', '{{ v }}'])}`.repeat(r.between(120, 1005)).match(new RegExp(`^[^]{0,${r.between(995, 1005)}}(?<![\\ud800-\\udbff])`))[0],
      () => `${'{% if v %}'.repeat(r.between(5, 30))}x${'{% endif %}'.repeat(r.between(5, 30))}`,
      () => `{{ ${'('.repeat(r.between(1, 8))}1..2) }}`,
      () => `{{ l${'[0]'.repeat(r.between(1, 40))} }}{{ ${'l['.repeat(r.between(1, 40))}0${']'.repeat(r.between(1, 40))} }}`,
      () => `{{ d | date: "%${r.pick(['9999', '100000', '99999999', '2000000000'])}${r.pick(['Y', 'd', 'N', 'A', 's'])}" }}{{ 5 | date: "%${r.pick(['99', '300', '2000000', '200000000'])}${r.pick(['Y', 'd', 'N', 'e'])}" | size }}`
    ])()
  }

  statement() {
    const { r } = this
    return r.pick([
      () => `echo ${this.operand()}`,
      () => `assign x = ${this.operand()} | ${this.filter(r.pick(NAMES))}`,
      () => `if ${this.condition()}\n  echo "T"\nelse\n echo "F"\nendif`,
      () => `unless ${this.condition()}\necho w\nendunless`,
      () => `increment c`,
      () => `# comment`,
      () => `cycle 1, 2`,
      () => ``,
      () => `capture y\necho v\nendcapture\necho y`,
      () => r.pick(['nope', 'endif', 'echo', '{{ v }}', 'raw\nx\nendraw', '  echo   v  '])
    ])()
  }
}
