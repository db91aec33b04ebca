// Segment's library for Node.js, with the mapping written by hand: node analytics-node.mjs FILE PORT
import { createRequire } from 'node:module'
import { report, rows } from './rows.mjs'

const require = createRequire(new URL('../../../target/bench/peers/package.json', import.meta.url))
const { Analytics } = require('@segment/analytics-node')
const [file, port] = process.argv.slice(2)
const started = Date.now()
const analytics = new Analytics({ writeKey: 'key', host: `http://127.0.0.1:${port}`, flushAt: 1000, maxEventsInBatch: 1000 })
analytics.on('error', ({ reason }) => {
  throw reason
})
let count = 0
for await (const row of rows(file)) {
  const { user_id, anonymous_id, updated_at, event_name, ...traits } = row
  analytics.identify({ userId: user_id, anonymousId: anonymous_id, timestamp: updated_at, traits })
  // Without a pause it keeps every event of the file until the end.
  if (++count % 1000 === 0) await new Promise(setImmediate)
}
await analytics.closeAndFlush()
report(count, started)
