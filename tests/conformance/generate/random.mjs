// Random numbers that a seed reproduces: mode, seed and number of a case give the same case on every machine.

export class Random {
  constructor(...seed) {
    this.state = 0x9e3779b9
    for (const char of seed.join(':')) this.state = Math.imul(this.state ^ char.codePointAt(0), 0x85ebca6b) + 0x6d2b79f5
    for (let round = 0; round < 4; round++) this.next()
  }

  /** A whole number of 32 bits (splitmix32). */
  next() {
    this.state = (this.state + 0x9e3779b9) | 0
    let mixed = this.state ^ (this.state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }

  /** A whole number from 0, below `end`. */
  below(end) {
    return Math.floor((this.next() / 2 ** 32) * end)
  }

  /** Both ends included. */
  between(low, high) {
    return low + this.below(high - low + 1)
  }

  chance(probability) {
    return this.next() / 2 ** 32 < probability
  }

  pick(items) {
    return items[this.below(items.length)]
  }

  /** One of `[weight, item]`; an item that is a function is called. */
  weighted(choices) {
    const total = choices.reduce((sum, [weight]) => sum + weight, 0)
    let at = this.below(total)
    const [, chosen] = choices.find(([weight]) => (at -= weight) < 0)
    return typeof chosen === 'function' ? chosen() : chosen
  }

  /** Between `least` and `most` items. */
  list(least, most, make) {
    return Array.from({ length: this.between(least, most) }, (_, at) => make(at))
  }
}
