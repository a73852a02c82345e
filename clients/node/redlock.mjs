// redlock, with ioredis. Where it is told three servers they are three databases of one, which have no key in common.

import { Redis } from 'ioredis'
import Redlock from 'redlock'
import { ask, assert, begin, check, collect, finish, host, port, until, within } from './check.mjs'

await begin()
const long = 600_000 // milliseconds: no lock ends while a check runs, but for those that are to
const connect = (db = 0, options) => new Redis(port, host, { db, ...options })
const impatient = { retryCount: 0 }
const patient = { retryCount: -1, retryDelay: 5, retryJitter: 5 }
const client = connect()
const locks = new Redlock([client], impatient)
const others = new Redlock([connect()], impatient)

const refused = (name, attempts = 1) => ({ name: 'LockError', message: `Exceeded ${attempts - 1} attempts to lock the resource "${name}".`, attempts })

await check('a lock is a key with a value of its own, and a time to live', async () => {
  const lock = await locks.lock('one', long)
  assert.match(lock.value, /^[0-9a-f]{32}$/)
  assert.equal(await ask('GET', 'one'), lock.value)
  const ttl = await ask('PTTL', 'one')
  assert.ok(ttl > long / 2 && ttl <= long, ttl)
  assert.ok(lock.expiration <= Date.now() + long)
  await lock.unlock()
  assert.equal(await ask('EXISTS', 'one'), 0)
})

await check('what one holds another is refused', async () => {
  const lock = await locks.lock('held', long)
  await assert.rejects(others.lock('held', long), refused('held'))
  await assert.rejects(new Redlock([client], { retryCount: 3, retryDelay: 1, retryJitter: 0 }).lock('held', long), refused('held', 4))
  assert.equal(await ask('GET', 'held'), lock.value)
  await lock.unlock()
  const next = await others.lock('held', long)
  assert.notEqual(next.value, lock.value)
  await next.unlock()
})

await check('who waits gets the lock when it is released', async () => {
  const lock = await locks.lock('wanted', long)
  const waiting = new Redlock([client], patient).lock('wanted', long) // asks once before what follows
  await lock.unlock()
  const got = await within('the lock', waiting)
  assert.ok(got.attempts > 1, got.attempts)
  assert.equal(await ask('GET', 'wanted'), got.value)
  await got.unlock()
})

await check('who waits gets the lock when it expires', async () => {
  const before = Date.now()
  await ask('SET', 'short', 'of somebody who died', 'PX', 60)
  const lock = await new Redlock([client], patient).lock('short', long)
  assert.ok(Date.now() - before >= 50)
  assert.equal(await ask('GET', 'short'), lock.value)
  await lock.unlock()
})

await check('five holders, of whom only one is in at a time', async () => {
  let inside = 0
  const holders = Array.from({ length: 5 }, () => connect())
  await Promise.all(holders.map(async (redis) => {
    const own = new Redlock([redis], patient)
    for (let i = 0; i < 20; i++) {
      const lock = await own.lock('counter:lock', long)
      assert.equal(++inside, 1)
      await redis.set('counter', Number(await redis.get('counter')) + 1)
      inside--
      await lock.unlock()
    }
    await own.quit()
  }))
  assert.equal(await ask('GET', 'counter'), '100')
})

await check('a lock is extended by who holds it', async () => {
  const lock = await locks.lock('extended', long)
  const { value, expiration } = lock
  assert.equal(await lock.extend(2 * long), lock)
  assert.equal(lock.value, value)
  assert.ok(lock.expiration > expiration)
  assert.equal(await ask('GET', 'extended'), value)
  assert.ok(await ask('PTTL', 'extended') > long)
  await lock.unlock()
  await assert.rejects(lock.extend(long), { name: 'LockError', message: 'Cannot extend lock on resource "extended" because the lock has already expired.' })
})

await check('a lock that another has taken is neither extended nor released', async () => {
  const lock = await locks.lock('lost', long)
  await ask('DEL', 'lost')
  const taken = await others.lock('lost', long)
  await assert.rejects(lock.extend(long), refused('lost'))
  await assert.rejects(lock.unlock(), { name: 'LockError', message: 'Unable to fully release the lock on resource "lost".' })
  assert.equal(await ask('GET', 'lost'), taken.value)
  await taken.unlock()
})

await check('a lock of several resources is of all or of none', async () => {
  const b = await others.lock('b', long)
  await assert.rejects(locks.lock(['a', 'b', 'c'], long), refused('a,b,c'))
  assert.equal(await ask('EXISTS', 'a', 'c'), 0)
  await b.unlock()
  const all = await locks.lock(['a', 'b', 'c'], long)
  assert.deepEqual(await ask('MGET', 'a', 'b', 'c'), [all.value, all.value, all.value])
  await assert.rejects(others.lock('c', long), refused('c'))
  await all.extend(2 * long)
  for (const name of ['a', 'b', 'c']) assert.ok(await ask('PTTL', name) > long)
  await all.unlock()
  assert.equal(await ask('EXISTS', 'a', 'b', 'c'), 0)
})

await check('of three servers the majority counts', async () => {
  const three = [0, 1, 2].map((db) => connect(db))
  const quorum = new Redlock(three, impatient)
  const held = () => Promise.all(three.map((redis) => redis.get('quorum')))

  await three[0].set('quorum', 'another')
  const lock = await quorum.lock('quorum', long)
  assert.deepEqual(await held(), ['another', lock.value, lock.value])
  await lock.extend(2 * long)
  await lock.unlock()
  assert.deepEqual(await held(), ['another', null, null])

  await three[1].set('quorum', 'another')
  await assert.rejects(quorum.lock('quorum', long), refused('quorum'))
  assert.deepEqual(await held(), ['another', 'another', null], 'the vote of the third is taken back')
  await quorum.quit()
})

await check('one server of three may be away', async () => {
  const away = connect()
  await away.quit()
  const quorum = new Redlock([connect(1), connect(2), away], impatient)
  const errors = collect()
  quorum.on('clientError', errors.add)
  const lock = await quorum.lock('away', long)
  await lock.unlock()
  assert.equal(errors.items.length, 2)
})

await check('scripts that the server has forgotten are sent again', async () => {
  await ask('SCRIPT', 'FLUSH')
  const lock = await locks.lock('again', long)
  await ask('SCRIPT', 'FLUSH', 'ASYNC')
  await lock.extend(long)
  await ask('SCRIPT', 'FLUSH', 'SYNC')
  await lock.unlock()
  const { hash, value } = locks.scripts.lockScript
  assert.deepEqual(await ask('SCRIPT', 'EXISTS', hash), [0])
  assert.equal(await ask('SCRIPT', 'LOAD', value), hash)
})

await check('goes on after CLIENT KILL', async () => {
  const lock = await locks.lock('killed', long)
  await ask('CLIENT', 'KILL', 'ID', await client.client('ID'))
  await lock.extend(2 * long)
  await lock.unlock()
  assert.equal(await ask('EXISTS', 'killed'), 0)
})

await check('an error within a script says where it happened', async () => {
  const errors = collect()
  others.on('clientError', errors.add)
  await ask('RPUSH', 'list', 'x')
  await assert.rejects(others.lock('list', long), refused('list'))
  await until('an error', () => errors.items.length > 0)
  const { hash } = others.scripts.unlockScript
  assert.equal(errors.items[0].message, `WRONGTYPE Operation against a key holding the wrong kind of value script: ${hash}, on @user_script:5.`)
  assert.deepEqual(await ask('LRANGE', 'list', 0, -1), ['x'])
})

finish()
