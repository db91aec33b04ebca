// JSON as text, because its spelling matters: `1.0`, `1E3`, escapes, keys that are there twice.

export const object = (fields) => `{${fields.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`
export const array = (items) => `[${items.join(',')}]`
export const text = (string) => JSON.stringify(string)

export const KEYS = [
  'a', 'b', 'id', 'k', 'name', 'email', 'first name', 'items', 'geo', 'sku', 'x.y', '', '0', '1', '2', '10', '007', '-1',
  '1.5', '4294967294', '4294967295', 'é', 'ключ', '😀', 'length', "it's", 'say "x"', 'a[0]', '$', '@at', 'A', 'ID', 'null',
  'Type', 'size', 'first', 'last', 'a/b', 'a~b'
]

const WORDS = [
  '', ' ', 'a', 'b', 'track', 'new', 'Order Completed', 'Hello World', 'hello', 'HELLO', 'x', 'true', 'false', 'null',
  '0', '1', '-0', '42', '4.50', ' 12 ', '1e3', '1E-7', '0x1F', '0b11', '0o17', '.5', '5.', '+7', '-3.25', 'Infinity', 'NaN',
  '12abc', '9007199254740993', '0x20000000000001', 'ünïcödé', 'straße', 'ẞ', 'ŉ', 'İstanbul', 'ıI', 'ΑΣ', 'ΑΣ.', 'Σ', 'ὈΔΥΣΣΕΎΣ',
  'ﬁne', 'ǆ', 'ǅ', 'ῼ', 'ſ', 'K', 'Å', 'ᏸ', 'ꭰ', 'Ⴀ', 'ა', 'Ა', '𐐀', '𐐨', '北京市', '😀', 'a😀b', '👩‍👩‍👧', 'e\u0301', '\u200b', '\ufeff', '\u00a0x\u00a0',
  '\u2028', '\u0085x', 'tab\there', 'line\nbreak', 'cr\r\nlf', '\u0000', '\u001f', '\u007f', 'back\\slash', 'quo"te', "apo's",
  '<b>&amp;</b>', '{{a}}', '{{{a}}}', '$&', '$1', '$$', 'a.b', 'a,b,,c', '[1,2]', '{"a":1}', '{"a":1,"a":2}', '[1', ' {"b":[null]} ',
  '"str"', '1 ', '[1e400]', 'a/b', '2024-01-15', '2024-01-15T10:30:00Z', '1700000000', 'a@b.co', 'https://x.test/p?q=1&r=ü#f', 'loooooooooooooooong text with many words'
]

const NUMBERS = [
  '0', '-0', '1', '2', '3', '10', '42', '-1', '-7', '1.0', '2.50', '0.1', '0.30000000000000004', '1E3', '1e3', '1e+2', '-1.5E-3', '100.50',
  '9007199254740991', '9007199254740992', '9007199254740993', '12345678901234567890', '1e20', '1e21', '123456789012345680000',
  '1e-6', '1e-7', '0.000001', '0.0000001234', '1.7976931348623157e308', '5e-324', '2.2250738585072014e-308', '4294967295', '2147483648',
  '-2147483649', '0.5', '1.5', '2.5', '-0.5', '1.005', '3.14159', '1e2', '1700000000', '1700000000000', '0.1e1', '123e-2', '-1e-7', '1e15', '1e16'
]

/** A text, as it is. */
export function word(r) {
  if (r.chance(0.004)) return r.pick(WORDS) + (r.pick(WORDS) || 'x').repeat(r.between(50, 300))
  if (r.chance(0.12)) return r.list(1, 3, () => r.pick(WORDS)).join(r.pick(['', ' ', '-', ',']))
  if (r.chance(0.08)) return r.list(0, 8, () => r.pick([...'aAbBzZ019 .,-_/\\"\'{}[]()$%&<>|:;?!éÉßñøΩж中😀\t\n'])).join('')
  return r.pick(WORDS)
}

/** A text in JSON, now and then with escapes that nobody needs. */
export function string(r, value = word(r)) {
  const spelled = JSON.stringify(value)
  if (!r.chance(0.15)) return spelled
  const units = []
  for (let at = 0; at < value.length; at++) {
    const unit = value[at]
    const code = value.charCodeAt(at)
    if (r.chance(0.4) || code < 0x20 || (code >= 0xd800 && code < 0xe000)) {
      const digits = code.toString(16).padStart(4, '0')
      units.push(`\\u${r.chance(0.5) ? digits.toUpperCase() : digits}`)
    } else if (unit === '/' && r.chance(0.5)) units.push('\\/')
    else units.push(unit === '"' || unit === '\\' ? `\\${unit}` : unit)
  }
  return `"${units.join('')}"`
}

export function number(r) {
  return r.weighted([
    [12, () => r.pick(NUMBERS)],
    [3, () => String(r.between(-1000, 1000))],
    [2, () => String(r.between(-100000, 100000) / r.pick([10, 100, 1000, 8]))],
    [2, () => double(r)],
    [1, () => `${r.pick(['', '-'])}${r.between(0, 9)}.${r.between(0, 999999)}${r.pick(['e', 'E'])}${r.pick(['', '+', '-'])}${r.between(0, 30)}`]
  ])
}

/** Any double that JSON can spell. */
function double(r) {
  const view = new DataView(new ArrayBuffer(8))
  view.setUint32(0, r.next())
  view.setUint32(4, r.next())
  const value = view.getFloat64(0)
  return Number.isFinite(value) ? JSON.stringify(value) : '0'
}

export function scalar(r) {
  return r.weighted([
    [5, () => string(r)],
    [4, () => number(r)],
    [2, () => r.pick(['true', 'false'])],
    [2, 'null']
  ])
}

export function value(r, depth) {
  if (depth <= 0) return r.chance(0.85) ? scalar(r) : r.pick(['{}', '[]', '[null]', '[[]]', '[""]', '{"":null}'])
  return r.weighted([
    [6, () => scalar(r)],
    [3, () => fields(r, depth)],
    [2, () => array(r.list(0, 4, () => value(r, depth - 1)))]
  ])
}

/** An object; a key may be there twice. */
export function fields(r, depth, keys = KEYS) {
  if (r.chance(0.01)) return `{${r.list(20, 60, (at) => `${string(r, r.chance(0.3) ? r.pick(KEYS) : `k${r.between(0, at)}`)}:${scalar(r)}`).join(',')}}`
  const blank = r.chance(0.05) ? r.pick([' ', '\t', '  ']) : ''
  const pairs = r.list(0, 5, () => `${blank}${string(r, r.pick(keys))}${blank}:${blank}${value(r, depth - 1)}`)
  return `{${pairs.join(`,${blank}`)}${blank}}`
}
