// An express application whose sessions connect-redis keeps, with node-redis as its client.

import { once } from 'node:events'
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { createClient } from 'redis'
import { ask, assert, begin, check, finish, until, url } from './check.mjs'

await begin()
const client = createClient({ url })
client.on('error', () => {})
await client.connect()
const store = new RedisStore({ client })

// serve starts the application. Sessions live for maxAge milliseconds.
async function serve(maxAge) {
  const app = express()
  app.use(session({ store, secret: 'not one', resave: false, saveUninitialized: false, cookie: { maxAge } }))
  app.use(express.json())
  app.post('/login', (request, response, next) => request.session.regenerate((error) => {
    if (error) return next(error)
    request.session.user = request.body.user
    request.session.visits = 0
    response.json({ user: request.session.user })
  }))
  app.get('/visit', (request, response) => {
    if (!request.session.user) return response.status(401).end()
    request.session.visits++
    response.json({ user: request.session.user, visits: request.session.visits })
  })
  app.get('/look', (request, response) => response.json({ user: request.session.user ?? null }))
  app.post('/logout', (request, response, next) => request.session.destroy((error) => error ? next(error) : response.status(204).end()))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return new Browser(`http://127.0.0.1:${server.address().port}`)
}

// Browser keeps the cookie that it is sent.
class Browser {
  constructor(base) { this.base = base }

  async request(method, path, body) {
    const response = await fetch(this.base + path, {
      method,
      headers: { ...this.cookie && { cookie: this.cookie }, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    })
    const cookie = response.headers.get('set-cookie')
    if (cookie) this.cookie = cookie.split(';')[0]
    const text = await response.text()
    return [response.status, text && JSON.parse(text)]
  }

  get(path) { return this.request('GET', path) }
  post(path, body) { return this.request('POST', path, body) }

  // key is where the session is kept.
  key() { return `sess:${decodeURIComponent(this.cookie).match(/^connect\.sid=s:([^.]+)\./)[1]}` }
}

const day = 86_400_000
const alice = await serve(day)
const bob = new Browser(alice.base)

await check('nobody has a session without a log-in', async () => {
  assert.deepEqual(await alice.get('/visit'), [401, ''])
  assert.equal(alice.cookie, undefined)
  assert.equal(await ask('DBSIZE'), 0)
})

await check('log-ins make sessions that expire in a day', async () => {
  assert.deepEqual(await alice.post('/login', { user: 'alice' }), [200, { user: 'alice' }])
  assert.deepEqual(await bob.post('/login', { user: 'bob' }), [200, { user: 'bob' }])
  const ttl = await ask('TTL', alice.key())
  assert.ok(ttl > 86_000 && ttl <= 86_400, ttl)
  const kept = JSON.parse(await ask('GET', alice.key()))
  assert.deepEqual([kept.user, kept.visits, kept.cookie.originalMaxAge], ['alice', 0, day])
})

await check('visits are counted for each session', async () => {
  for (let i = 1; i <= 20; i++) assert.deepEqual(await alice.get('/visit'), [200, { user: 'alice', visits: i }])
  assert.deepEqual(await bob.get('/visit'), [200, { user: 'bob', visits: 1 }])
  await Promise.all(Array.from({ length: 50 }, () => bob.get('/look')))
})

await check('a visit that changes nothing touches the session', async () => {
  await ask('EXPIRE', alice.key(), 1000)
  assert.deepEqual(await alice.get('/look'), [200, { user: 'alice' }])
  await until('touched', async () => await ask('TTL', alice.key()) > 86_000)
})

await check('the store lists, counts and finds sessions', async () => {
  assert.equal(await store.length(), 2)
  assert.deepEqual((await store.ids()).map((id) => `sess:${id}`).sort(), [alice.key(), bob.key()].sort())
  assert.deepEqual((await store.all()).map((one) => one.user).sort(), ['alice', 'bob'])
})

await check('a log-in changes the id of a session', async () => {
  const before = alice.key()
  await alice.post('/login', { user: 'alice' })
  assert.notEqual(alice.key(), before)
  assert.deepEqual([await ask('EXISTS', before), await ask('EXISTS', alice.key())], [0, 1])
})

await check('a log-out destroys the session, and that of nobody else', async () => {
  assert.deepEqual(await alice.post('/logout'), [204, ''])
  assert.equal(await ask('EXISTS', alice.key()), 0)
  assert.deepEqual(await alice.get('/visit'), [401, ''])
  assert.deepEqual(await bob.get('/visit'), [200, { user: 'bob', visits: 2 }])
})

await check('a session expires', async () => {
  const carol = await serve(1000)
  await carol.post('/login', { user: 'carol' })
  await until('expired', async () => await ask('EXISTS', carol.key()) === 0)
  assert.deepEqual(await carol.get('/visit'), [401, ''])
})

await check('sessions outlast the connection to the server', async () => {
  await ask('CLIENT', 'KILL', 'ID', await client.clientId())
  await until('connected again', () => client.ping().then(() => true, () => false))
  assert.deepEqual(await bob.get('/visit'), [200, { user: 'bob', visits: 3 }])
})

await check('the store is cleared', async () => {
  await store.clear()
  assert.equal(await store.length(), 0)
  assert.deepEqual(await bob.get('/visit'), [401, ''])
})

finish()
