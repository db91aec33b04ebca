// Lines of a file as rows, one at a time.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

export async function* rows(file) {
  const lines = createInterface({ input: createReadStream(file, { highWaterMark: 1 << 20 }), crlfDelay: Infinity })
  for await (const line of lines) if (line !== '') yield JSON.parse(line)
}

/** Says what this process used, as the other parts of the benchmark do. */
export function report(count, started) {
  const { user, system } = process.cpuUsage()
  const { maxRSS } = process.resourceUsage()
  console.log(JSON.stringify({ rows: count, cpu: (user + system) / 1e6, wall: (Date.now() - started) / 1e3, peak: maxRSS * 1024 }))
}
