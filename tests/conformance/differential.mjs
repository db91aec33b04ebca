// Fresh cases through both sides, in batches: node differential.mjs BACKHAUL [--mode …] [--cases N] [--seed S] [--show N]
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { MODES, evaluated, line } from './cases.mjs'
import { difference, repeats } from './compare.mjs'
import { explained, json } from './exclusions.mjs'
import { expected } from './oracle.mjs'

const BATCH = 2000
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mode: { type: 'string', default: 'all' },
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    show: { type: 'string', default: '20' }
  }
})
const [backhaul] = positionals
const modes = values.mode === 'all' ? MODES : values.mode.split(',')
if (!modes.every((mode) => MODES.includes(mode))) throw new Error(`--mode takes ${MODES.join(', ')} or all`)

/** The answers of `backhaul eval` as it prints them, by id. */
function answers(mode, lines) {
  return new Promise((resolve, reject) => {
    const process = spawn(backhaul, ['eval', evaluated(mode)], { stdio: ['pipe', 'pipe', 'inherit'] })
    const chunks = []
    process.stdout.on('data', (chunk) => chunks.push(chunk))
    process.on('error', reject)
    process.on('close', () => {
      const printed = Buffer.concat(chunks).toString().split('\n').filter((text) => text !== '')
      resolve(new Map(printed.map((text) => [JSON.parse(text).id, text])))
    })
    process.stdin.on('error', () => {})
    process.stdin.end(lines.join('\n') + '\n')
  })
}

const short = (text) => (text.length > 2500 ? `${text.slice(0, 2500)}…` : text)

function print(kind, request, wanted, answer) {
  const { id, ...inputs } = request
  console.log(`--- ${id} (${kind})\n    ${short(JSON.stringify(inputs))}\n    segment:  ${short(JSON.stringify(wanted))}\n    backhaul: ${short(JSON.stringify(answer))}`)
}

async function run(mode) {
  const count = { cases: 0, result: 0, message: 0, errors: 0 }
  const reasons = new Map()
  const numbers = values.only ? values.only.split(',').map(Number) : undefined
  const total = numbers ? numbers.length : Number(values.cases)
  for (let start = 0; start < total; start += BATCH) {
    const lines = Array.from({ length: Math.min(BATCH, total - start) }, (_, at) => line(mode, values.seed, numbers ? numbers[at] : start + at))
    const got = await answers(mode, lines)
    for (const text of lines) {
      // The packages write into what they are given, so the request is read once more to show it.
      const wanted = json(await expected(JSON.parse(text)))
      const request = JSON.parse(text)
      const printed = got.get(request.id)
      const answer = printed === undefined ? undefined : JSON.parse(printed)
      const kind = difference(mode, wanted, answer) ?? (repeats(printed, answer) ? 'result' : undefined)
      count.cases += 1
      count.errors += 'error' in wanted || wanted.parse_error ? 1 : 0
      if (kind === undefined) continue
      const reason = await explained({ mode: evaluated(mode), kind, line: text, wanted, answer })
      if (reason !== undefined) {
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
        continue
      }
      count[kind] += 1
      if (count.result + count.message <= Number(values.show)) print(kind, request, wanted, answer)
    }
  }
  console.log(`${mode} seed ${values.seed}: ${count.cases} cases, ${count.errors} of them errors; results differ in ${count.result}, messages in ${count.message}`)
  for (const [reason, times] of reasons) console.log(`    ${times} times explained: ${reason}`)
  return count.result + count.message
}

let different = 0
for (const mode of modes) different += await run(mode)
process.exitCode = different > 0 ? 1 : 0
