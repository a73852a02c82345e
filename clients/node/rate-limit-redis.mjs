// express-rate-limit with rate-limit-redis, in two servers that count together, with node-redis and with ioredis as the client.

import { once } from 'node:events'
import express from 'express'
import { rateLimit } from 'express-rate-limit'
import { Redis } from 'ioredis'
import { RedisStore } from 'rate-limit-redis'
import { createClient } from 'redis'
import { ask, assert, begin, check, collect, finish, host, port, until, url } from './check.mjs'

await begin()
const minutes = 60_000

const nodeRedis = createClient({ url })
nodeRedis.on('error', () => {})
await nodeRedis.connect()
const ioredis = new Redis(port, host)

await run('node-redis', (...words) => nodeRedis.sendCommand(words), () => nodeRedis.clientId())
await run('ioredis', (command, ...words) => ioredis.call(command, ...words), () => ioredis.client('ID'))
finish()

async function run(name, sendCommand, clientId) {
  await ask('FLUSHALL')
  await ask('SCRIPT', 'FLUSH')
  const checked = (what, run) => check(`${name}: ${what}`, run)
  const store = (prefix) => new RedisStore({ sendCommand, prefix })
  const serve = (prefix, options) => start(rateLimit({
    store: store(prefix), windowMs: 10 * minutes, limit: 3, standardHeaders: 'draft-7', legacyHeaders: false,
    keyGenerator: (request) => request.get('user'), ...options,
  }))

  await checked('three requests are let through, and the fourth is not', async () => {
    const server = await serve('four:')
    for (const left of [2, 1, 0]) {
      const { status, headers } = await server.get('alice')
      assert.equal(status, 200)
      assert.match(headers.get('ratelimit'), new RegExp(`^limit=3, remaining=${left}, reset=\\d+$`))
    }
    const refused = await server.get('alice')
    assert.deepEqual([refused.status, refused.text], [429, 'Too many requests, please try again later.'])
    const wait = Number(refused.headers.get('retry-after'))
    assert.ok(wait > 300 && wait <= 600, wait)
    assert.equal((await server.get('bob')).status, 200)
    assert.deepEqual(await ask('MGET', 'four:alice', 'four:bob'), ['4', '1'])
    const ttl = await ask('PTTL', 'four:alice')
    assert.ok(ttl > 5 * minutes && ttl <= 10 * minutes, ttl)
  })

  await checked('a request does not prolong the window', async () => {
    const server = await serve('window:')
    await server.get('alice')
    await ask('PEXPIRE', 'window:alice', minutes)
    await server.get('alice')
    const ttl = await ask('PTTL', 'window:alice')
    assert.ok(ttl > 0 && ttl <= minutes, ttl)
  })

  await checked('requests are let through again when the window has ended', async () => {
    const server = await serve('short:', { windowMs: 250, limit: 1 })
    await until('refused', async () => (await server.get('alice')).status === 429)
    await until('let through', async () => (await server.get('alice')).status === 200)
  })

  await checked('of fifty requests at once to two servers twenty are let through', async () => {
    const servers = [await serve('at once:', { limit: 20 }), await serve('at once:', { limit: 20 })]
    const replies = await Promise.all(Array.from({ length: 50 }, (_, i) => servers[i % 2].get('alice')))
    const count = (wanted) => replies.filter(({ status }) => status === wanted).length
    assert.deepEqual([count(200), count(429)], [20, 30])
    assert.equal(await ask('GET', 'at once:alice'), '50')
  })

  await checked('requests that go well need not count', async () => {
    const server = await serve('well:', { skipSuccessfulRequests: true })
    for (let i = 0; i < 10; i++) {
      assert.equal((await server.get('alice')).status, 200)
      await until('taken back', async () => await ask('GET', 'well:alice') === '0')
    }
    for (let i = 0; i < 3; i++) assert.equal((await server.get('alice', '/nosuch')).status, 404)
    assert.equal((await server.get('alice')).status, 429)
  })

  await checked('a key is looked at and reset', async () => {
    const server = await serve('reset:', { limit: 1 })
    await server.get('alice')
    const { totalHits, resetTime } = await server.limiter.getKey('alice')
    assert.equal(totalHits, 1)
    assert.ok(resetTime > new Date(Date.now() + 5 * minutes))
    assert.equal((await server.get('alice')).status, 429)
    await server.limiter.resetKey('alice')
    assert.equal((await server.get('alice')).status, 200)
  })

  await checked('scripts that the server has forgotten are loaded again', async () => {
    const server = await serve('again:')
    assert.equal((await server.get('alice')).status, 200)
    await ask('SCRIPT', 'FLUSH')
    assert.equal((await server.get('alice')).status, 200)
    await ask('SCRIPT', 'FLUSH')
    assert.equal((await server.limiter.getKey('alice')).totalHits, 2)
  })

  await checked('goes on after CLIENT KILL', async () => {
    const server = await serve('killed:')
    await ask('CLIENT', 'KILL', 'ID', await clientId())
    await until('connected again', async () => (await server.get('alice')).status === 200)
    await until('refused', async () => (await server.get('alice')).status === 429)
  })

  await checked('an error within the script fails the request, or lets it pass', async () => {
    const logged = collect()
    const logger = { warn: logged.add, error: logged.add }
    const [strict, lenient] = [await serve('wrong:'), await serve('wrong:', { passOnStoreError: true, logger })]
    await ask('SET', 'wrong:alice', 'no number', 'PX', minutes)
    const { status, text } = await strict.get('alice')
    assert.equal(status, 500)
    assert.match(text, /^ERR value is not an integer or out of range script: [0-9a-f]{40}, on @user_script:7\.$/)
    assert.equal((await lenient.get('alice')).status, 200)
    assert.deepEqual(logged.items.map(([error]) => error.message), [text])
    assert.equal(await ask('GET', 'wrong:alice'), 'no number')
  })
}

// start serves an application behind a limiter.
async function start(limiter) {
  const app = express()
  app.use(limiter)
  app.get('/', (request, response) => response.send('hello'))
  app.use((error, request, response, next) => response.status(500).send(error.message))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const get = async (user, path = '/') => {
    const response = await fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers: { user } })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  return { limiter, get }
}
