// Writes vectors/*.jsonl: as many cases of each group as QUOTA says, chosen to differ from each other, with what the
// packages answer. TZ=UTC node vectors.mjs
import { mkdirSync, writeFileSync } from 'node:fs'
import { MODES, line } from './cases.mjs'
import { hasHalf, json } from './exclusions.mjs'
import { expected, expectedIsolated } from './oracle.mjs'

const SEED = 2026
const CANDIDATES = 60000
const QUOTA = {
  mapping: () => 100,
  fql: () => 108,
  action: () => 28,
  liquid: (group) => (group === 'filter.date' ? 24 : group.startsWith('tag.') ? 20 : 11)
}
/** Long cases show no more than short ones. */
const LONGEST = { mapping: 1100, fql: 1000, action: 1500, liquid: 700 }
/** The most errors among the cases of a group; a parse error of a trigger is one. */
const ERRORS = { mapping: 0.3, fql: 0.3, action: 0.3, liquid: 0.25 }

/** What a case is about, roughly: of equal ones a group takes few. */
function likeness({ mapping, fql, action, event }, expect) {
  const outcome = expect.error ? said(expect) : (expect.parse_error ?? typeof expect.output) + String(expect.match)
  if (fql !== undefined) return `${fql.replace(/[A-Za-zÀ-￿]+/g, 'a').replace(/[0-9.]+/g, '0').slice(0, 24)} ${outcome}`
  const names = new Set(JSON.stringify(mapping).match(/@\w+|"(mode|operator|blank|else|global|pattern2|omitArrays)"|\| *\w+|\{% *\w+/g))
  return `${[...names].sort()} ${action ? Object.keys(mapping ?? {}).length : ''} ${outcome}`
}

const said = ({ error, message }) => String(error?.message ?? message).replace(/"[^"]*"|\d+/g, '…').slice(0, 60)

async function chosen(mode) {
  const groups = new Map()
  for (let number = 0; number < CANDIDATES; number++) {
    const text = line(mode, SEED, number)
    const request = JSON.parse(text)
    const group = request.id.slice(mode.length + 1).replace(/-\d+-\d+$/, '')
    const { cases, seen, errors } = groups.get(group) ?? groups.set(group, { cases: [], seen: new Map(), errors: [] }).get(group)
    if (cases.length >= QUOTA[mode](group) || text.length > LONGEST[mode] || hasHalf(request)) continue
    const expect = json(await expected(JSON.parse(text)))
    if (hasHalf(expect) || /render limit/.test(said(expect)) || JSON.stringify(expect) !== JSON.stringify(await expectedIsolated(JSON.parse(text)))) continue
    const failed = 'error' in expect || expect.parse_error
    if (failed && errors.length >= ERRORS[mode] * QUOTA[mode](group)) continue
    const like = likeness(JSON.parse(text), expect)
    // The longer the search, the less it asks.
    const most = 1 + Math.floor((6 * number) / CANDIDATES)
    if ((seen.get(like) ?? 0) >= most) continue
    seen.set(like, (seen.get(like) ?? 0) + 1)
    if (failed) errors.push(number)
    cases.push(`${text.slice(0, -1)},"expect":${JSON.stringify(expect)}}`)
  }
  return groups
}

const folder = new URL('./vectors/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const mode of MODES) {
  const groups = await chosen(mode)
  const lines = [...groups.keys()].sort().flatMap((group) => groups.get(group).cases)
  writeFileSync(new URL(`${mode}.jsonl`, folder), lines.join('\n') + '\n')
  const fewest = Math.min(...[...groups.values()].map(({ cases }) => cases.length))
  console.log(`${mode}: ${lines.length} cases in ${groups.size} groups of at least ${fewest}, ${lines.join('\n').length} characters`)
}
