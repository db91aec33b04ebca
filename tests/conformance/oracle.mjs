// What Segment's published packages answer. Requests come as JSON lines, answers have the form of the vectors' `expect`.
//
//   TZ=UTC node oracle.mjs < requests.jsonl
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const installed = new URL('../../target/conformance/package.json', import.meta.url)
const require = createRequire(installed)
const { transform, Destination } = require('@segment/actions-core')
const { parseFql, validate } = require('@segment/destination-subscriptions')
// The entry point of the package loads every destination there is; one is enough.
const { default: segment } = require('@segment/action-destinations/dist/destinations/segment')

const { actions } = new Destination(segment)
const settings = { source_write_key: 'key' }

// `increment` and `decrement` write into the event that they are given.
const { Liquid } = require('liquidjs')
const render = Liquid.prototype.parseAndRenderSync
let isolated = false
Liquid.prototype.parseAndRenderSync = function (template, event) {
  return render.call(this, template, isolated ? structuredClone(event) : event)
}

/** As `expected`, with each template of its own event to write into. */
export async function expectedIsolated(request) {
  isolated = true
  try {
    return await expected(request)
  } finally {
    isolated = false
  }
}

export async function expected(request) {
  if ('fql' in request) return fql(request.fql, request.event)
  if ('action' in request) return action(request)
  return mapping(request)
}

function mapping({ mapping, input }) {
  try {
    const output = transform(mapping, input)
    return output === undefined ? {} : { output }
  } catch (error) {
    return { error: true, ...described(error) }
  }
}

function fql(text, event) {
  const parsed = parseFql(text)
  const parse_error = parsed.error !== undefined
  if (parse_error) return { match: false, parse_error }
  try {
    return { match: validate(parsed, event), parse_error }
  } catch (error) {
    return { match: false, parse_error, throws: error.message }
  }
}

async function action({ action, mapping, event }) {
  try {
    const results = await actions[action].execute({ data: event, mapping, settings, auth: undefined })
    return { batch: results.at(-1).data.batch }
  } catch (error) {
    return { error: described(error) }
  }
}

function described(error) {
  const kind = error.constructor.name
  const described = { message: error.message, class: kind }
  if (kind === 'AggregateError') {
    described.messages = [...error].map(({ message }) => message)
    described.message = described.messages.join('\n')
  }
  return described
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue
    const request = JSON.parse(line)
    console.log(JSON.stringify({ id: request.id, expect: await expected(request) }))
  }
}
