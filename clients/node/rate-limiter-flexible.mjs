// The limiters of rate-limiter-flexible that count in Redis, with ioredis and with node-redis as the client.

import { Redis } from 'ioredis'
import {
  BurstyRateLimiter, RateLimiterMemory, RateLimiterQueue, RateLimiterRedis, RateLimiterRedisNonAtomic, RateLimiterRes, RateLimiterUnion,
} from 'rate-limiter-flexible'
import { createClient } from 'redis'
import { ask, assert, begin, check, finish, host, port, until, url } from './check.mjs'

await begin()
const minutes = 60 // windows are of seconds, and no long one ends while a check runs

async function nodeRedis() {
  const client = createClient({ url })
  client.on('error', () => {})
  return client.connect()
}

async function ioredis() {
  const client = new Redis(port, host)
  client.on('error', () => {})
  return client
}

// A script that counts no more than the limiter lets through.
const noMoreThanPoints = `
  local consumed = tonumber(redis.call('GET', KEYS[1]) or 0)
  if consumed + ARGV[1] <= tonumber(ARGV[3]) then
    consumed = redis.call('INCRBY', KEYS[1], ARGV[1])
    redis.call('EXPIRE', KEYS[1], ARGV[2], 'NX')
    return {consumed, redis.call('PTTL', KEYS[1])}
  end
  return {ARGV[3] + 1, redis.call('PTTL', KEYS[1])}`

await run('ioredis', ioredis, { id: (client) => client.client('ID') })
await run('node-redis', nodeRedis, { id: (client) => client.clientId(), useRedisPackage: true })
finish()

async function run(name, connect, { id, useRedisPackage }) {
  await ask('FLUSHALL')
  await ask('SCRIPT', 'FLUSH')
  const storeClient = await connect()
  const make = (keyPrefix, options, Kind = RateLimiterRedis) => new Kind({ storeClient, useRedisPackage, keyPrefix, points: 3, duration: 10 * minutes, ...options })
  const checked = (what, run) => check(`${name}: ${what}`, run)

  await checked('three points are given, and no fourth', async () => {
    const limiter = make('four')
    for (const n of [1, 2, 3]) {
      const given = await limiter.consume('alice')
      assert.deepEqual([given.consumedPoints, given.remainingPoints, given.isFirstInDuration], [n, 3 - n, n === 1])
      lasts(given, 10 * minutes)
    }
    const refused = await refusal(limiter.consume('alice'))
    assert.deepEqual([refused.consumedPoints, refused.remainingPoints], [4, 0])
    lasts(refused, 10 * minutes)
    assert.equal((await limiter.consume('bob', 3)).remainingPoints, 0)
    assert.deepEqual(await ask('MGET', 'four:alice', 'four:bob'), ['4', '3'])
  })

  await checked('points are given again when the time is over, and a queue waits for them', () => Promise.all([again(), queued()]))

  async function again() {
    const limiter = make('short', { points: 1, duration: 1 })
    await until('refused', () => limiter.consume('alice').then(() => false, (refused) => refused.msBeforeNext > 0))
    await until('given', () => limiter.consume('alice').then((given) => given.isFirstInDuration, () => false))
  }

  async function queued() {
    const queue = new RateLimiterQueue(make('queue', { duration: 1 }))
    const before = Date.now()
    const left = await Promise.all([1, 2, 3, 4].map(() => queue.removeTokens(1)))
    assert.ok(Date.now() - before > 900, 'the fourth waits for another second')
    assert.ok(left.every((n) => n >= 0 && n < 3), left)
    await assert.rejects(queue.removeTokens(4), /exceeds maximum 3 tokens per interval/)
  }

  await checked('of sixty at once over three connections twenty are given', async () => {
    const limiters = [make('at once', { points: 20 })]
    for (const client of [await connect(), await connect()]) limiters.push(make('at once', { points: 20, storeClient: client }))
    const all = await Promise.allSettled(Array.from({ length: 60 }, (_, i) => limiters[i % 3].consume('alice')))
    const given = all.filter(({ status }) => status === 'fulfilled').map(({ value }) => value.consumedPoints)
    const refused = all.filter(({ status }) => status === 'rejected').map(({ reason }) => reason.consumedPoints)
    const counted = (numbers) => numbers.sort((a, b) => a - b)
    assert.deepEqual(counted(given), Array.from({ length: 20 }, (_, i) => i + 1))
    assert.deepEqual(counted(refused), Array.from({ length: 40 }, (_, i) => i + 21))
  })

  await checked('penalties, rewards, and what is read, set and deleted', async () => {
    const limiter = make('changed')
    assert.equal(await limiter.get('alice'), null)
    assert.equal((await limiter.penalty('alice', 2)).consumedPoints, 2)
    assert.equal((await limiter.reward('alice')).consumedPoints, 1)
    const read = await limiter.get('alice')
    assert.deepEqual([read.consumedPoints, read.remainingPoints], [1, 2])
    lasts(read, 10 * minutes)
    await limiter.set('alice', 3, 20 * minutes)
    lasts(await refusal(limiter.consume('alice')), 20 * minutes)
    assert.deepEqual([await limiter.delete('alice'), await limiter.delete('alice')], [true, false])
    assert.equal((await limiter.consume('alice', 1, { customDuration: 30 * minutes })).remainingPoints, 2)
    const ttl = await ask('TTL', 'changed:alice')
    assert.ok(ttl > 20 * minutes && ttl <= 30 * minutes, ttl)
  })

  await checked('who asks for too much is blocked', async () => {
    const limiter = make('blocked', { points: 1, duration: minutes, blockDuration: 20 * minutes })
    await limiter.consume('alice')
    lasts(await refusal(limiter.consume('alice')), 20 * minutes)
    assert.ok(await ask('TTL', 'blocked:alice') > 10 * minutes)
    await limiter.block('bob', 30 * minutes)
    lasts(await refusal(limiter.consume('bob')), 30 * minutes)
  })

  await checked('who is blocked in memory is not asked about', async () => {
    const limiter = make('memory', { points: 1, inMemoryBlockOnConsumed: 2, inMemoryBlockDuration: 10 * minutes })
    await limiter.consume('alice')
    await refusal(limiter.consume('alice'))
    await ask('DEL', 'memory:alice')
    await refusal(limiter.consume('alice'))
    assert.equal(await ask('EXISTS', 'memory:alice'), 0)
    limiter.deleteInMemoryBlockedAll()
    await limiter.consume('alice')
  })

  await checked('a limit without an end', async () => {
    const limiter = make('endless', { points: 1, duration: 0 })
    assert.equal((await limiter.consume('alice')).msBeforeNext, -1)
    assert.equal((await refusal(limiter.consume('alice'))).msBeforeNext, -1)
    assert.equal(await ask('TTL', 'endless:alice'), -1)
  })

  await checked('a key without an end is given one', async () => {
    await ask('SET', 'mended:alice', 2)
    lasts(await make('mended').consume('alice'), 10 * minutes)
    assert.ok(await ask('TTL', 'mended:alice') > 5 * minutes)
  })

  await checked('a burst is let through beside', async () => {
    const bursty = new BurstyRateLimiter(make('rate', { points: 1 }), make('burst', { points: 2 }))
    for (let i = 0; i < 3; i++) await bursty.consume('alice')
    await refusal(bursty.consume('alice'))
    assert.deepEqual(await ask('MGET', 'rate:alice', 'burst:alice'), ['4', '3'])
  })

  await checked('of two limiters in union either refuses', async () => {
    const union = new RateLimiterUnion(make('narrow', { points: 1 }), make('wide', { points: 5 }))
    assert.deepEqual(Object.keys(await union.consume('alice')), ['narrow', 'wide'])
    await assert.rejects(union.consume('alice'), (refused) => Object.keys(refused).join() === 'narrow' && refused.narrow.remainingPoints === 0)
  })

  await checked('a script of the user counts', async () => {
    const limiter = make('custom', { customIncrTtlLuaScript: noMoreThanPoints, storeClient: await connect() })
    await limiter.consume('alice', 2)
    await refusal(limiter.consume('alice', 2))
    assert.equal((await limiter.consume('alice')).remainingPoints, 0)
    lasts(await refusal(limiter.consume('alice')), 10 * minutes)
    assert.equal(await ask('GET', 'custom:alice'), '3')
  })

  await checked('the limiter that is not atomic counts as well', async () => {
    const limiter = make('loose', {}, RateLimiterRedisNonAtomic)
    for (const n of [1, 2, 3]) assert.equal((await limiter.consume('alice')).consumedPoints, n)
    await refusal(limiter.consume('alice'))
  })

  await checked('scripts that the server has forgotten are sent again', async () => {
    const limiter = make('again')
    await limiter.consume('alice')
    await ask('SCRIPT', 'FLUSH')
    assert.equal((await limiter.consume('alice')).consumedPoints, 2)
  })

  await checked('an error within the script is no refusal', async () => {
    const limiter = make('wrong')
    await ask('RPUSH', 'wrong:alice', 'x')
    await ask('SET', 'wrong:bob', 'no number')
    await assert.rejects(limiter.consume('alice'), { message: /^WRONGTYPE Operation against a key holding the wrong kind of value script: [0-9a-f]{40}, on @user_script:1\.$/ })
    await assert.rejects(limiter.consume('bob'), { message: /^ERR value is not an integer or out of range script: [0-9a-f]{40}, on @user_script:1\.$/ })
    await assert.rejects(limiter.consume('alice', 1.5), /decimal number/)
  })

  await checked('goes on after CLIENT KILL', async () => {
    const limiter = make('killed', { points: 1 })
    await ask('CLIENT', 'KILL', 'ID', await id(storeClient))
    await until('given', () => limiter.consume('alice').then(() => true, (error) => error instanceof RateLimiterRes))
    await refusal(limiter.consume('alice'))
  })

  await checked('while the server is away the insurance counts', async () => {
    const away = await connect()
    await away.quit()
    const insuranceLimiter = new RateLimiterMemory({ points: 1, duration: 10 * minutes })
    const insured = make('insured', { storeClient: away, insuranceLimiter })
    assert.equal((await insured.consume('alice')).consumedPoints, 1)
    await refusal(insured.consume('alice'))
    assert.equal(await ask('EXISTS', 'insured:alice'), 0)
    await assert.rejects(make('bare', { storeClient: away, rejectIfRedisNotReady: true }).consume('alice'), /Redis connection is not ready/)
  })
}

// refusal returns what a limiter says that refuses.
async function refusal(promise) {
  const said = await promise.then(() => 'let through', (error) => error)
  assert.ok(said instanceof RateLimiterRes, said)
  return said
}

// lasts checks that what a limiter said ends in about so many seconds.
function lasts({ msBeforeNext }, seconds) {
  assert.ok(msBeforeNext > seconds * 500 && msBeforeNext <= seconds * 1000, msBeforeNext)
}
