// What the programs of this directory share. Each drives one client or application as its users do, against the server
// that REDIS_HOST and REDIS_PORT name, prints a line per check, and exits with 1 if a check failed. It empties that server.

import assert from 'node:assert/strict'
import { createClient } from 'redis'

export { assert }
export const host = process.env.REDIS_HOST ?? '127.0.0.1'
export const port = Number(process.env.REDIS_PORT ?? 6379)
export const url = `redis://${host}:${port}`

// For how long a check waits for what must come. None passes or fails by how long something took. Once a check has failed
// the rest, which may fail for the same reason, wait for a second only.
let patience = Number(process.env.PATIENCE_MS ?? 30_000)

// A connection to look at the server with, apart from those of the client under test.
const observer = createClient({ url, socket: { reconnectStrategy: false } })
let version
let failed = 0

export const ask = (...words) => observer.sendCommand(words.map(String))

// begin connects and empties the server.
export async function begin() {
  process.on('unhandledRejection', (error) => fail('outside of all checks', { stack: error.message }))
  observer.on('error', (error) => {
    console.log(`FAILED the connection that looks at the server: ${error.message}`)
    process.exit(1)
  })
  await observer.connect()
  version = /redis_version:(\S+)/.exec(await ask('INFO', 'server'))[1]
  await ask('FLUSHALL')
}

// check runs one check. With since it is skipped by servers that are older.
export async function check(what, run, { since } = {}) {
  if (since && version.localeCompare(since, undefined, { numeric: true }) < 0) {
    console.log(`skipped ${what}: it needs ${since}, and this is ${version}`)
    return
  }
  try {
    await within(what, run())
    console.log(`ok ${what}`)
  } catch (error) {
    fail(what, error)
  }
}

function fail(what, error) {
  patience = Math.min(patience, 1000)
  if (failed++ < 50) console.log(`FAILED ${what}: ${error.stack}`)
}

// finish ends the program, with all connections and servers that are still open.
export function finish() {
  process.exit(failed ? 1 : 0)
}

// within waits for a promise, but not for ever.
export async function within(what, promise) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still waiting for ${what}`)), patience)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

// until asks over and over until the answer is true: for what happens on the server's side without an event.
export async function until(what, holds) {
  const end = Date.now() + patience
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`still not: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

// blocked waits until so many clients are blocked.
export const blocked = (n) => until(`${n} blocked`, async () => {
  return (await ask('INFO', 'clients')).includes(`\r\nblocked_clients:${n}\r\n`)
})

// collect returns an array, and what waits until something has filled it with n items.
export function collect() {
  const items = []
  return { items, add: (...item) => items.push(item.length === 1 ? item[0] : item), reach: (n) => until(`${n} items`, () => items.length >= n) }
}

// crowd returns a function whose callers wait until there are so many. More than that are an error.
export function crowd(size) {
  const waiting = []
  return () => new Promise((go, reject) => {
    if (waiting.push(go) > size) return reject(new Error(`more than ${size} at a time`))
    if (waiting.length === size) setImmediate(() => waiting.splice(0).forEach((go) => go()))
  })
}

// clientInfo returns the fields of a line of CLIENT LIST or CLIENT INFO.
export const clientInfo = (line) => Object.fromEntries(line.trim().split(' ').map((field) => field.split(/=(.*)/s).slice(0, 2)))
