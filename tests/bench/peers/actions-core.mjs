// Segment's own mapping engine, schema check and a post of whole batches: node actions-core.mjs FILE PORT MAPPING
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createRequire } from 'node:module'
import { report, rows } from './rows.mjs'

const require = createRequire(new URL('../../../target/conformance/package.json', import.meta.url))
const { transform, fieldsToJsonSchema, validateSchema } = require('@segment/actions-core')
const { default: segment } = require('@segment/action-destinations/dist/destinations/segment')
const [file, port, mappingFile] = process.argv.slice(2)
const mapping = JSON.parse(readFileSync(mappingFile, 'utf8'))
const schema = fieldsToJsonSchema(segment.actions.sendIdentify.fields)
const agent = new Agent({ keepAlive: true })
const started = Date.now()

function post(events) {
  const body = JSON.stringify({ batch: events, writeKey: 'key', sentAt: new Date() })
  const options = { agent, host: '127.0.0.1', port, path: '/v1/batch', method: 'POST' }
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, headers }, (answer) => answer.resume().on('end', resolve))
    sent.on('error', reject)
    sent.end(body)
  })
}

let count = 0
let batch = []
for await (const row of rows(file)) {
  const payload = transform(mapping, { type: 'track', event: 'new', properties: row })
  validateSchema(payload, schema, { schemaKey: 'segment:identify' })
  const { user_id, anonymous_id, timestamp, traits } = payload
  batch.push({ userId: user_id, anonymousId: anonymous_id, timestamp, messageId: `b-${count}`, traits, type: 'identify' })
  count += 1
  if (batch.length === 1000) {
    await post(batch)
    batch = []
  }
}
if (batch.length > 0) await post(batch)
agent.destroy()
report(count, started)
