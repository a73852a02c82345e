// node-redis with its defaults, which are RESP2; then all again in RESP3, and what it has only there.

import { createClient, createClientPool, defineScript, ErrorReply, WatchError } from 'redis'
import { ask, assert, begin, blocked, check, clientInfo, collect, finish, until, url } from './check.mjs'

await begin()

// connect returns a client that is connected. An error without a listener would end the program.
async function connect(options) {
  const client = createClient({ url, ...options })
  client.on('error', () => {})
  return client.connect()
}

for (const options of [{}, { RESP: 3, unstableResp3: true }]) await run(options)
await resp3()
finish()

async function run(options) {
  await ask('FLUSHALL')
  const name = options.RESP ? 'RESP3' : 'defaults'
  const checked = (what, run, more) => check(`${name}: ${what}`, run, more)
  const client = await connect(options)

  await checked('connects', async () => {
    assert.equal(await client.ping(), 'PONG')
    const info = clientInfo(await client.sendCommand(['CLIENT', 'INFO']))
    assert.equal(info.resp, options.RESP ? '3' : '2')
  })

  await checked('names library and version when it connects', async () => {
    const info = clientInfo(await client.sendCommand(['CLIENT', 'INFO']))
    assert.equal(info['lib-name'], 'node-redis')
    assert.match(info['lib-ver'], /^\d+\.\d+\.\d+$/)
  }, { since: '7.2.0' })

  await checked('connects with a name and a database', async () => {
    const other = await connect({ ...options, name: 'tester', database: 3 })
    await other.set('elsewhere', 'x')
    assert.equal(await other.clientGetName(), 'tester')
    assert.deepEqual([await client.exists('elsewhere'), await other.dbSize()], [0, 1])
    await other.flushDb()
    await other.close()
  })

  await checked('strings', async () => {
    assert.equal(await client.get('nosuch'), null)
    assert.equal(await client.set('k', 'v\r\n', { expiration: { type: 'EX', value: 100 } }), 'OK')
    assert.equal(await client.set('k', 'w', { expiration: 'KEEPTTL', GET: true }), 'v\r\n')
    assert.equal(await client.set('k', 'x', { condition: 'NX' }), null)
    const left = await client.pTTL('k')
    assert.ok(left > 0 && left <= 100_000, left)
    await client.mSet({ a: '1', b: '2' })
    assert.deepEqual(await client.mGet(['a', 'nosuch', 'b']), ['1', null, '2'])
    assert.equal(await client.incrByFloat('a', 0.5), '1.5')
    const large = 'x'.repeat(3 << 20)
    await client.set('large', large)
    assert.equal(await client.get('large'), large)
    await assert.rejects(client.incr('k'), { message: 'ERR value is not an integer or out of range' })
  })

  await checked('hashes, lists, sets and sorted sets', async () => {
    await client.hSet('h', { one: 1, two: 2 })
    assert.deepEqual({ ...await client.hGetAll('h') }, { one: '1', two: '2' })
    await client.rPush('l', ['a', 'b', 'c'])
    assert.deepEqual(await client.lRange('l', 0, -1), ['a', 'b', 'c'])
    await client.sAdd('s', ['a', 'b'])
    assert.deepEqual((await client.sMembers('s')).sort(), ['a', 'b'])
    assert.equal(await client.sIsMember('s', 'a'), 1)
    await client.zAdd('z', [{ value: 'one', score: 1 }, { value: 'more', score: 2.5 }])
    assert.deepEqual(await client.zRangeWithScores('z', 0, -1), [{ value: 'one', score: 1 }, { value: 'more', score: 2.5 }])
    assert.equal(await client.zScore('z', 'more'), 2.5)
    assert.deepEqual(await client.zmScore('z', ['one', 'nosuch']), [1, null])
    await assert.rejects(client.get('l'), /WRONGTYPE /)
  })

  await checked('what answers with maps, doubles and nested replies', async () => {
    assert.deepEqual({ ...await client.configGet('maxmemory') }, { maxmemory: (await ask('CONFIG', 'GET', 'maxmemory'))[1] })
    const [command] = await client.commandInfo(['get'])
    assert.equal(command.name, 'get')
    assert.equal(command.arity, 2)
    assert.ok(command.flags.has('readonly'))
    await client.geoAdd('geo', { longitude: 13.361389, latitude: 38.115556, member: 'Palermo' })
    const [place] = await client.geoPos('geo', 'Palermo')
    assert.ok(Math.abs(Number(place.longitude) - 13.361389) < 1e-5)
    assert.deepEqual({ ...await client.lcsIdx('a', 'a') }, { matches: [[[0, 2], [0, 2]]], len: 3 })
  })

  await checked('a pipeline of 2,000 commands', async () => {
    const replies = []
    for (let i = 0; i < 1000; i++) replies.push(client.set(`p${i}`, `${i}`), client.get(`p${i}`))
    assert.deepEqual(await Promise.all(replies), Array.from({ length: 1000 }, (_, i) => ['OK', `${i}`]).flat())
    assert.deepEqual(await client.multi().get('p1').get('p2').execAsPipeline(), ['1', '2'])
  })

  await checked('a transaction', async () => {
    assert.deepEqual(await client.multi().set('t', '1').incr('t').get('t').exec(), ['OK', 2, '2'])
  })

  await checked('a transaction with an error at run time', async () => {
    await assert.rejects(client.multi().set('t', '3').lPush('t', 'x').incr('t').exec(), (error) => {
      assert.deepEqual(error.errorIndexes, [1])
      assert.match(error.replies[1].message, /^WRONGTYPE /)
      return error.replies[2] === 4
    })
  })

  await checked('a transaction with an error among what is queued', async () => {
    await assert.rejects(client.multi().set('t', '7').addCommand(['GET']).exec(), (error) => {
      assert.match(error.message, /^ERR wrong number of arguments|^EXECABORT /)
      return error instanceof ErrorReply
    })
    assert.equal(await client.get('t'), '4')
  })

  await checked('WATCH: a transaction is broken by another client, and by nobody', async () => {
    await client.watch(['t', 'u'])
    await ask('SET', 'u', 'x')
    await assert.rejects(client.multi().set('t', '8').exec(), WatchError)
    await client.watch('t')
    assert.deepEqual(await client.multi().set('t', '9').exec(), ['OK'])
    await client.watch('t')
    await ask('SET', 't', '10')
    await client.unwatch()
    assert.deepEqual(await client.multi().get('t').exec(), ['10'])
  })

  await checked('a pool', async () => {
    const pool = createClientPool({ url, ...options }, { minimum: 1, maximum: 4 })
    pool.on('error', () => {})
    await pool.connect()
    const got = await Promise.all(Array.from({ length: 200 }, (_, i) => pool.get(`p${i}`)))
    assert.deepEqual(got, Array.from({ length: 200 }, (_, i) => `${i}`))
    const count = await pool.execute(async (one) => {
      await one.watch('counter')
      return one.multi().incr('counter').exec()
    })
    assert.deepEqual(count, [1])
    await pool.close()
  })

  await checked('pub/sub with channels and patterns', async () => {
    const subscriber = await client.duplicate().connect()
    const messages = collect()
    await subscriber.subscribe(['news', 'sport'], messages.add)
    await subscriber.pSubscribe('n?ws', (message, channel) => messages.add('pattern', message, channel))
    assert.equal(await client.publish('news', 'one'), 2)
    assert.equal(await client.publish('sport', 'two'), 1)
    assert.equal(await client.publish('nobody', 'three'), 0)
    await messages.reach(3)
    assert.deepEqual(messages.items, [['one', 'news'], ['pattern', 'one', 'news'], ['two', 'sport']])
    assert.deepEqual((await client.pubSubChannels()).sort(), ['news', 'sport'])
    assert.deepEqual({ ...await client.pubSubNumSub(['news', 'nobody']) }, { news: 1, nobody: 0 })
    assert.equal(await client.pubSubNumPat(), 1)
    await subscriber.ping()
    if (options.RESP) assert.equal(await subscriber.get('t'), '10') // commands among pushes
    await subscriber.unsubscribe(['news', 'sport'])
    await subscriber.pUnsubscribe('n?ws')
    assert.equal(String(await subscriber.get('t')), '10') // in RESP2 the client goes on with buffers
    await subscriber.close()
  })

  await checked('pub/sub of bytes', async () => {
    const subscriber = await client.duplicate().connect()
    const messages = collect()
    await subscriber.subscribe('bytes', messages.add, true)
    await client.publish('bytes', Buffer.from([0, 0xff]))
    await messages.reach(1)
    assert.deepEqual(messages.items, [[Buffer.from([0, 0xff]), Buffer.from('bytes')]])
    subscriber.destroy()
  })

  await checked('sharded pub/sub', async () => {
    const subscriber = await client.duplicate().connect()
    const messages = collect()
    await subscriber.sSubscribe('shard', messages.add)
    assert.equal(await client.sPublish('shard', 'one'), 1)
    assert.equal(await client.publish('shard', 'two'), 0)
    await messages.reach(1)
    assert.deepEqual(messages.items, [['one', 'shard']])
    assert.deepEqual({ ...await client.pubSubShardNumSub(['shard']) }, { shard: 1 })
    await subscriber.sUnsubscribe('shard')
    await subscriber.close()
  })

  await checked('blocking commands end by a push', async () => {
    const [list, sorted, move, stream] = await Promise.all(Array.from({ length: 4 }, () => client.duplicate().connect()))
    const popped = list.blPop(['q0', 'q1'], 0)
    const least = sorted.bzPopMin('qz', 0)
    const moved = move.blMove('from', 'to', 'LEFT', 'RIGHT', 0)
    const read = stream.xRead({ key: 'qx', id: '$' }, { BLOCK: 0 })
    await blocked(4)
    await client.multi().rPush('q1', 'job').zAdd('qz', { value: 'member', score: 1.5 }).rPush('from', 'element').xAdd('qx', '5-1', { field: 'value' }).exec()
    assert.deepEqual({ ...await popped }, { key: 'q1', element: 'job' })
    assert.deepEqual({ ...await least }, { key: 'qz', value: 'member', score: 1.5 })
    assert.equal(await moved, 'element')
    assert.deepEqual(entries(await read), [['qx', [['5-1', { field: 'value' }]]]])
    assert.deepEqual(await client.lRange('to', 0, -1), ['element'])
    for (const one of [list, sorted, move, stream]) one.destroy()
  })

  await checked('blocking commands end by their timeout', async () => {
    const one = await client.duplicate().connect()
    assert.equal(await one.blPop('nosuch', 0.01), null)
    assert.equal(await one.brPopLPush('nosuch', 'to', 0.01), null)
    assert.equal(await one.bzmPop(0.01, 'nosuch', 'MIN'), null)
    assert.equal(await one.xRead({ key: 'nosuch', id: '$' }, { BLOCK: 10 }), null)
    one.destroy()
  })

  await checked('scan iterators', async () => {
    const all = async (iterator) => {
      const found = []
      for await (const items of iterator) found.push(...items)
      return found
    }
    assert.equal(new Set(await all(client.scanIterator({ MATCH: 'p*', COUNT: 100 }))).size, 1000)
    assert.deepEqual(await all(client.scanIterator({ TYPE: 'hash' })), ['h'])
    assert.deepEqual((await all(client.hScanIterator('h'))).map((pair) => ({ ...pair })), [{ field: 'one', value: '1' }, { field: 'two', value: '2' }])
    assert.deepEqual((await all(client.sScanIterator('s'))).sort(), ['a', 'b'])
    assert.deepEqual((await all(client.zScanIterator('z'))).map((pair) => ({ ...pair })), [{ value: 'one', score: 1 }, { value: 'more', score: 2.5 }])
  })

  await checked('a consumer group', async () => {
    await client.xGroupCreate('events', 'workers', '0', { MKSTREAM: true })
    for (let i = 1; i <= 3; i++) await client.xAdd('events', `${i}-0`, { n: `${i}` })
    const got = await client.xReadGroup('workers', 'alice', { key: 'events', id: '>' }, { COUNT: 2 })
    assert.deepEqual(entries(got), [['events', [['1-0', { n: '1' }], ['2-0', { n: '2' }]]]])
    assert.equal(await client.xAck('events', 'workers', '1-0'), 1)
    const pending = await client.xPending('events', 'workers')
    assert.deepEqual([pending.pending, pending.firstId, pending.consumers.map((c) => [c.name, c.deliveriesCounter])], [1, '2-0', [['alice', 1]]])
    const claimed = await client.xAutoClaim('events', 'workers', 'bob', 0, '0')
    assert.deepEqual([claimed.nextId, claimed.messages.map((m) => m.id)], ['0-0', ['2-0']])
    const waiting = await client.duplicate().connect()
    assert.deepEqual(entries(await waiting.xReadGroup('workers', 'bob', { key: 'events', id: '>' }, { BLOCK: 0 })), [['events', [['3-0', { n: '3' }]]]])
    const next = waiting.xReadGroup('workers', 'bob', { key: 'events', id: '>' }, { BLOCK: 0 })
    await blocked(1)
    await client.xAdd('events', '4-0', { n: '4' })
    assert.deepEqual(entries(await next), [['events', [['4-0', { n: '4' }]]]])
    const [group] = await client.xInfoGroups('events')
    assert.deepEqual([group.name, group.consumers, group.pending, group['entries-read'], group.lag], ['workers', 2, 3, 4, 0])
    waiting.destroy()
  })

  await checked('events of keys', async () => {
    await client.configSet('notify-keyspace-events', 'KEA')
    const subscriber = await client.duplicate().connect()
    const events = collect()
    await subscriber.pSubscribe('__key*@0__:*', (message, channel) => events.add(channel, message))
    await client.set('noticed', '1')
    await client.pExpire('noticed', 1)
    await events.reach(6)
    await client.configSet('notify-keyspace-events', '')
    const about = (event) => [['__keyspace@0__:noticed', event], [`__keyevent@0__:${event}`, 'noticed']]
    assert.deepEqual(events.items, ['set', 'expire', 'expired'].flatMap(about))
    subscriber.destroy()
  })

  await checked('scripts', async () => {
    const twice = defineScript({
      NUMBER_OF_KEYS: 1,
      SCRIPT: "return redis.call('INCRBY', KEYS[1], 2 * ARGV[1])",
      parseCommand: (parser, key, n) => {
        parser.pushKey(key)
        parser.push(`${n}`)
      },
      transformReply: (reply) => reply,
    })
    const scripted = await connect({ ...options, scripts: { twice } })
    await ask('SCRIPT', 'FLUSH')
    assert.equal(await scripted.twice('scripted', 2), 4)
    assert.deepEqual(await scripted.multi().twice('scripted', 1).twice('scripted', 3).exec(), [6, 12])
    await scripted.close()

    const kinds = "return {1.9, '1.9', true, {ok = 'fine'}, {1, {}}, redis.call('GET', KEYS[1]), 'after nil'}"
    assert.deepEqual(await client.eval(kinds, { keys: ['nosuch'] }), [1, '1.9', 1, 'fine', [1, []], null, 'after nil'])
    const sha = await client.scriptLoad('return ARGV[1]')
    assert.equal(await client.evalSha(sha, { arguments: ['x'] }), 'x')
    assert.deepEqual(await client.scriptExists([sha, '0'.repeat(40)]), [1, 0])
    await assert.rejects(client.evalRo("return redis.call('SET', KEYS[1], 1)", { keys: ['k'] }), { message: /^ERR Write commands are not allowed from read-only scripts\./ })
    await assert.rejects(client.evalSha('0'.repeat(40)), { message: /^NOSCRIPT No matching script\./ })
  })

  await checked('functions', async () => {
    const code = `#!lua name=counters
      redis.register_function('add', function(keys, args) return redis.call('INCRBY', keys[1], args[1]) end)
      redis.register_function{function_name = 'look', flags = {'no-writes'}, callback = function(keys) return redis.call('GET', keys[1]) end}`
    const parseCommand = (parser, key, ...words) => {
      parser.pushKey(key)
      parser.push(...words)
    }
    const transformReply = (reply) => reply
    const functions = { counters: {
      add: { NUMBER_OF_KEYS: 1, parseCommand, transformReply },
      look: { IS_READ_ONLY: true, NUMBER_OF_KEYS: 1, parseCommand, transformReply },
    } }
    const caller = await connect({ ...options, functions })
    assert.equal(await caller.functionLoad(code, { REPLACE: true }), 'counters')
    assert.equal(await caller.counters.add('counted', '5'), 5)
    assert.equal(await caller.counters.look('counted'), '5')
    assert.deepEqual(await caller.multi().counters.add('counted', '1').counters.look('counted').exec(), [6, '6'])
    assert.deepEqual((await caller.functionList()).map(({ library_name, engine, functions }) => [library_name, engine, functions.length]), [['counters', 'LUA', 2]])
    await assert.rejects(caller.fCallRo('add', { keys: ['counted'], arguments: ['1'] }), { message: "ERR Can not execute a script with write flag using *_ro command." })
    const dump = await caller.sendCommand(['FUNCTION', 'DUMP'], { typeMapping: { 36: Buffer } })
    await caller.functionFlush()
    await assert.rejects(caller.counters.add('counted', '1'), { message: 'ERR Function not found' })
    await caller.functionRestore(dump)
    assert.equal(await caller.counters.add('counted', '1'), 7)
    await caller.functionDelete('counters')
    await caller.close()
  })

  await checked('MONITOR', async () => {
    const monitor = await client.duplicate().connect()
    const seen = collect()
    await monitor.monitor(seen.add)
    await client.set('watched', 'by a "monitor"')
    await until('SET', () => seen.items.some((line) => line.includes('"SET"')))
    assert.match(seen.items.find((line) => line.includes('"SET"')), /^\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "SET" "watched" "by a \\"monitor\\""$/)
    monitor.destroy()
  })

  await checked('connects again after CLIENT KILL', async () => {
    const id = await client.clientId()
    assert.equal(await ask('CLIENT', 'KILL', 'ID', id), 1)
    await until('another connection', () => client.clientId().then((now) => now > id, () => false))
    assert.equal(await client.get('t'), '10')
  })

  await checked('subscribes again after CLIENT KILL', async () => {
    const subscriber = await connect(options)
    const id = await subscriber.clientId()
    const messages = collect()
    await subscriber.subscribe('again', messages.add)
    await subscriber.pSubscribe('ag*', messages.add)
    assert.equal(await ask('CLIENT', 'KILL', 'TYPE', 'pubsub', 'ID', id), 1)
    await until('subscribed again', async () => await client.publish('again', 'message') === 2)
    await messages.reach(2)
    assert.deepEqual(messages.items.slice(-2), [['message', 'again'], ['message', 'again']])
    subscriber.destroy()
  })

  await checked('closes', () => client.close())
}

// entries returns what XREAD answers as nested arrays. In RESP3 the client hands over the map as it came.
function entries(reply) {
  if (!Array.isArray(reply)) {
    return Object.entries(reply).map(([name, messages]) => [name, messages.map(([id, [field, value]]) => [id, { [field]: value }])])
  }
  return reply.map(({ name, messages }) => [name, messages.map(({ id, message }) => [id, { ...message }])])
}

async function resp3() {
  await ask('FLUSHALL')
  await check('RESP3: types as the protocol has them', async () => {
    const client = await connect({ RESP: 3 })
    await client.hSet('h', { one: '1' })
    assert.deepEqual({ ...await client.sendCommand(['HGETALL', 'h']) }, { one: '1' })
    await client.zAdd('z', { value: 'm', score: Infinity })
    assert.equal(await client.sendCommand(['ZSCORE', 'z', 'm']), Infinity)
    assert.deepEqual(await client.sendCommand(['SMEMBERS', 'nosuch']), [])
    assert.equal(await client.sendCommand(['GET', 'nosuch']), null)
    assert.match(await client.sendCommand(['INFO', 'server']), /^# Server\r\n/)
    client.destroy()
  })

  await check('RESP3: a client-side cache', async () => {
    const client = await connect({ RESP: 3, clientSideCache: { ttl: 0, maxEntries: 0, evictPolicy: 'LRU' } })
    const stats = () => client.clientSideCache.stats()
    await ask('SET', 'cached', 'one')
    assert.equal(await client.get('cached'), 'one')
    assert.equal(await client.get('cached'), 'one')
    assert.equal(await client.get('nosuch'), null)
    assert.deepEqual([stats().hitCount, stats().missCount], [1, 2])

    await ask('SET', 'cached', 'two')
    await until('the other value', async () => await client.get('cached') === 'two')
    const { hitCount } = stats()
    assert.equal(await client.get('cached'), 'two')
    assert.equal(stats().hitCount, hitCount + 1)

    await ask('HSET', 'cached hash', 'field', 'value')
    assert.equal((await client.hGetAll('cached hash')).field, 'value')
    await ask('DEL', 'cached hash')
    await until('no hash', async () => (await client.hGetAll('cached hash')).field === undefined)
    await ask('FLUSHALL')
    await until('no value', async () => await client.get('cached') === null)
    client.destroy()
  })

  await check('RESP3: a client-side cache sees what expires', async () => {
    const client = await connect({ RESP: 3, clientSideCache: { ttl: 0, maxEntries: 0, evictPolicy: 'LRU' } })
    await ask('SET', 'short', 'lived')
    assert.equal(await client.get('short'), 'lived')
    await ask('PEXPIRE', 'short', 1)
    await until('no value', async () => await client.get('short') === null)
    client.destroy()
  })

  await check('RESP3: a client-side cache is emptied by CLIENT KILL', async () => {
    const client = await connect({ RESP: 3, clientSideCache: { ttl: 0, maxEntries: 0, evictPolicy: 'LRU' } })
    await ask('SET', 'cached', 'one')
    assert.equal(await client.get('cached'), 'one')
    const id = await client.clientId()
    await ask('CLIENT', 'KILL', 'ID', id)
    await until('another connection', () => client.clientId().then((now) => now > id, () => false))
    await ask('SET', 'cached', 'two')
    await until('the other value', async () => await client.get('cached') === 'two')
    client.destroy()
  })

  await check('RESP3: events of invalidation', async () => {
    const client = await connect({ RESP: 3, emitInvalidate: true })
    const gone = collect()
    client.on('invalidate', (key) => gone.add(String(key)))
    await client.get('told')
    await ask('SET', 'told', 'x')
    await gone.reach(1)
    assert.deepEqual(gone.items, ['told'])
    client.destroy()
  })
}
