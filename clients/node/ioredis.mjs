// ioredis with its defaults.

import { Redis, ReplyError } from 'ioredis'
import { ask, assert, begin, blocked, check, clientInfo, collect, finish, host, port, until } from './check.mjs'

await begin()
const connect = (options) => new Redis(port, host, options)
const redis = connect()

await check('connects, and is ready when INFO says so', async () => {
  assert.equal(await redis.ping(), 'PONG')
  assert.equal(redis.status, 'ready')
})

await check('names library and version when it connects', async () => {
  const info = clientInfo(await redis.client('INFO'))
  assert.equal(info['lib-name'], 'ioredis')
  assert.match(info['lib-ver'], /^\d+\.\d+\.\d+$/)
}, { since: '7.2.0' })

await check('connects with a name and a database', async () => {
  const other = connect({ connectionName: 'tester', db: 3 })
  await other.set('elsewhere', 'x')
  assert.equal(await other.client('GETNAME'), 'tester')
  assert.deepEqual([await redis.exists('elsewhere'), await other.dbsize()], [0, 1])
  await other.flushdb()
  await other.quit()
})

await check('strings', async () => {
  assert.equal(await redis.get('nosuch'), null)
  assert.equal(await redis.set('k', 'v\r\n', 'EX', 100), 'OK')
  assert.equal(await redis.set('k', 'w', 'KEEPTTL', 'GET'), 'v\r\n')
  assert.equal(await redis.set('k', 'x', 'NX'), null)
  const left = await redis.pttl('k')
  assert.ok(left > 0 && left <= 100_000, left)
  const bytes = Buffer.from([0, 0xff, 13, 10])
  await redis.set('binary', bytes)
  assert.deepEqual(await redis.getBuffer('binary'), bytes)
  await redis.mset({ a: 1, b: '2' })
  assert.deepEqual(await redis.mget('a', 'nosuch', 'b'), ['1', null, '2'])
  assert.equal(await redis.incrbyfloat('a', 0.5), '1.5')
  const large = 'x'.repeat(3 << 20)
  await redis.set('large', large)
  assert.equal(await redis.get('large'), large)
  await assert.rejects(redis.incr('k'), { name: 'ReplyError', message: 'ERR value is not an integer or out of range' })
})

await check('hashes, lists, sets and sorted sets', async () => {
  await redis.hset('h', { one: 1, two: 2 })
  assert.deepEqual(await redis.hgetall('h'), { one: '1', two: '2' })
  assert.deepEqual(await redis.hgetall('nosuch'), {})
  await redis.rpush('l', 'a', 'b', 'c')
  assert.deepEqual(await redis.lrange('l', 0, -1), ['a', 'b', 'c'])
  await redis.sadd('s', 'a', 'b')
  assert.deepEqual((await redis.smembers('s')).sort(), ['a', 'b'])
  await redis.zadd('z', 1, 'one', 2.5, 'more')
  assert.deepEqual(await redis.zrange('z', 0, -1, 'WITHSCORES'), ['one', '1', 'more', '2.5'])
  await assert.rejects(redis.get('l'), /^ReplyError: WRONGTYPE /)
})

await check('a pipeline of 2,000 commands, errors among them', async () => {
  const pipeline = redis.pipeline()
  for (let i = 0; i < 1000; i++) pipeline.set(`p${i}`, i).get(`p${i}`)
  pipeline.lpush('p0', 'x')
  const replies = await pipeline.exec()
  assert.deepEqual(replies.slice(0, 2000), Array.from({ length: 1000 }, (_, i) => [[null, 'OK'], [null, `${i}`]]).flat())
  assert.match(replies[2000][0].message, /^WRONGTYPE /)
})

await check('pipelines by itself', async () => {
  const auto = connect({ enableAutoPipelining: true })
  const got = await Promise.all(Array.from({ length: 1000 }, (_, i) => auto.get(`p${i}`)))
  assert.deepEqual(got, Array.from({ length: 1000 }, (_, i) => `${i}`))
  auto.disconnect()
})

await check('a transaction', async () => {
  assert.deepEqual(await redis.multi().set('t', 1).incr('t').lpush('t', 'x').get('t').exec().then((r) => r.map(([error, reply]) => error?.message.split(' ')[0] ?? reply)),
    ['OK', 2, 'WRONGTYPE', '2'])
})

await check('a transaction command by command, and one given up', async () => {
  await redis.multi({ pipeline: false })
  assert.equal(await redis.set('t', 5), 'QUEUED')
  assert.deepEqual(await redis.exec(), [[null, 'OK']])
  await redis.multi({ pipeline: false })
  assert.equal(await redis.set('t', 6), 'QUEUED')
  assert.equal(await redis.discard(), 'OK')
  assert.equal(await redis.get('t'), '5')
})

await check('a transaction with an error among what is queued', async () => {
  await assert.rejects(redis.multi().set('t', 7).call('GET').exec(), (error) => {
    assert.match(error.message, /^EXECABORT /)
    assert.match(error.previousErrors[0].message, /^ERR wrong number of arguments for 'get' command/)
    return error instanceof ReplyError
  })
  assert.equal(await redis.get('t'), '5')
})

await check('WATCH: a transaction is broken by another client, and by nobody', async () => {
  await redis.watch('t', 'u')
  await ask('SET', 'u', 'x')
  assert.equal(await redis.multi().set('t', 8).exec(), null)
  await redis.watch('t')
  assert.deepEqual(await redis.multi().set('t', 9).exec(), [[null, 'OK']])
  await redis.watch('t')
  await ask('SET', 't', '10')
  await redis.unwatch()
  assert.deepEqual(await redis.multi().get('t').exec(), [[null, '10']])
})

await check('pub/sub with channels and patterns', async () => {
  const subscriber = connect()
  const messages = collect()
  subscriber.on('message', messages.add)
  subscriber.on('pmessage', messages.add)
  assert.equal(await subscriber.subscribe('news', 'sport'), 2)
  assert.equal(await subscriber.psubscribe('n?ws', 'x*'), 4)
  assert.equal(await redis.publish('news', 'one'), 2)
  assert.equal(await redis.publish('sport', 'two'), 1)
  assert.equal(await redis.publish('nobody', 'three'), 0)
  await messages.reach(3)
  assert.deepEqual(messages.items, [['news', 'one'], ['n?ws', 'news', 'one'], ['sport', 'two']])
  assert.deepEqual((await redis.pubsub('CHANNELS')).sort(), ['news', 'sport'])
  assert.deepEqual(await redis.pubsub('NUMSUB', 'news', 'nobody'), ['news', 1, 'nobody', 0])
  assert.equal(await redis.pubsub('NUMPAT'), 2)
  assert.deepEqual(await subscriber.ping(), ['pong', ''])
  await assert.rejects(subscriber.get('k'), /subscriber mode/)
  assert.equal(await subscriber.unsubscribe('news', 'sport'), 2) // without names the client waits for a count of 0
  assert.equal(await subscriber.punsubscribe('n?ws', 'x*'), 0)
  assert.equal(await subscriber.get('t'), '10')
  subscriber.disconnect()
})

await check('pub/sub of bytes', async () => {
  const subscriber = connect()
  const messages = collect()
  subscriber.on('messageBuffer', messages.add)
  await subscriber.subscribe('bytes')
  await redis.publish('bytes', Buffer.from([0, 0xff]))
  await messages.reach(1)
  assert.deepEqual(messages.items, [[Buffer.from('bytes'), Buffer.from([0, 0xff])]])
  subscriber.disconnect()
})

await check('sharded pub/sub', async () => {
  const subscriber = connect()
  const messages = collect()
  subscriber.on('smessage', messages.add)
  assert.equal(await subscriber.ssubscribe('shard'), 1)
  assert.equal(await redis.spublish('shard', 'one'), 1)
  assert.equal(await redis.publish('shard', 'two'), 0)
  await messages.reach(1)
  assert.deepEqual(messages.items, [['shard', 'one']])
  assert.deepEqual(await redis.pubsub('SHARDNUMSUB', 'shard'), ['shard', 1])
  assert.equal(await subscriber.sunsubscribe('shard'), 0)
  subscriber.disconnect()
})

await check('blocking commands end by a push', async () => {
  const [list, sorted, move, stream] = [connect(), connect(), connect(), connect()]
  const popped = list.blpop('q0', 'q1', 0)
  const least = sorted.bzpopmin('qz', 0)
  const moved = move.blmove('from', 'to', 'LEFT', 'RIGHT', 0)
  const read = stream.xread('BLOCK', 0, 'STREAMS', 'qx', '$')
  await blocked(4)
  await redis.pipeline().rpush('q1', 'job').zadd('qz', 1.5, 'member').rpush('from', 'element').xadd('qx', '5-1', 'field', 'value').exec()
  assert.deepEqual(await popped, ['q1', 'job'])
  assert.deepEqual(await least, ['qz', 'member', '1.5'])
  assert.equal(await moved, 'element')
  assert.deepEqual(await read, [['qx', [['5-1', ['field', 'value']]]]])
  assert.deepEqual(await redis.lrange('to', 0, -1), ['element'])
  for (const client of [list, sorted, move, stream]) client.disconnect()
})

await check('blocking commands end by their timeout', async () => {
  const client = connect()
  assert.equal(await client.blpop('nosuch', 0.01), null)
  assert.equal(await client.brpoplpush('nosuch', 'to', 0.01), null)
  assert.equal(await client.bzmpop(0.01, 1, 'nosuch', 'MIN'), null)
  assert.equal(await client.xread('BLOCK', 10, 'STREAMS', 'nosuch', '$'), null)
  client.disconnect()
})

await check('waiting workers are served in the order of their arrival', async () => {
  const workers = [connect(), connect(), connect()]
  const jobs = []
  for (const [i, worker] of workers.entries()) {
    jobs.push(worker.blpop('queue', 0))
    await blocked(i + 1)
  }
  await redis.rpush('queue', 'first', 'second', 'third')
  assert.deepEqual(await Promise.all(jobs), [['queue', 'first'], ['queue', 'second'], ['queue', 'third']])
  for (const worker of workers) worker.disconnect()
})

await check('scan streams', async () => {
  const all = async (stream) => {
    const found = []
    for await (const items of stream) found.push(...items)
    return found
  }
  assert.equal(new Set(await all(redis.scanStream({ match: 'p*', count: 100 }))).size, 1000)
  assert.deepEqual((await all(redis.scanStream({ type: 'hash' }))), ['h'])
  assert.deepEqual(await all(redis.hscanStream('h')), ['one', '1', 'two', '2'])
  assert.deepEqual((await all(redis.sscanStream('s'))).sort(), ['a', 'b'])
  assert.deepEqual(await all(redis.zscanStream('z')), ['one', '1', 'more', '2.5'])
})

await check('a consumer group', async () => {
  await redis.xgroup('CREATE', 'events', 'workers', '0', 'MKSTREAM')
  for (let i = 1; i <= 3; i++) await redis.xadd('events', `${i}-0`, 'n', i)
  const got = await redis.xreadgroup('GROUP', 'workers', 'alice', 'COUNT', 2, 'STREAMS', 'events', '>')
  assert.deepEqual(got, [['events', [['1-0', ['n', '1']], ['2-0', ['n', '2']]]]])
  assert.equal(await redis.xack('events', 'workers', '1-0'), 1)
  assert.deepEqual(await redis.xpending('events', 'workers'), [1, '2-0', '2-0', [['alice', '1']]])
  const [cursor, claimed] = await redis.xautoclaim('events', 'workers', 'bob', 0, '0')
  assert.deepEqual([cursor, claimed], ['0-0', [['2-0', ['n', '2']]]])
  const waiting = connect()
  const rest = waiting.xreadgroup('GROUP', 'workers', 'bob', 'BLOCK', 0, 'STREAMS', 'events', '>')
  assert.deepEqual(await rest, [['events', [['3-0', ['n', '3']]]]])
  const next = waiting.xreadgroup('GROUP', 'workers', 'bob', 'BLOCK', 0, 'STREAMS', 'events', '>')
  await blocked(1)
  await redis.xadd('events', '4-0', 'n', 4)
  assert.deepEqual(await next, [['events', [['4-0', ['n', '4']]]]])
  waiting.disconnect()
})

await check('events of keys', async () => {
  await redis.config('SET', 'notify-keyspace-events', 'KEA')
  const subscriber = connect()
  const events = collect()
  subscriber.on('pmessage', (_, channel, message) => events.add(channel, message))
  await subscriber.psubscribe('__key*@0__:*')
  await redis.set('noticed', 1)
  await redis.pexpire('noticed', 1)
  await events.reach(6)
  await redis.config('SET', 'notify-keyspace-events', '')
  const about = (event) => [['__keyspace@0__:noticed', event], [`__keyevent@0__:${event}`, 'noticed']]
  assert.deepEqual(events.items, ['set', 'expire', 'expired'].flatMap(about))
  subscriber.disconnect()
})

await check('invalidations redirected to a subscriber', async () => {
  const subscriber = connect()
  const gone = collect()
  subscriber.on('message', gone.add)
  const id = await subscriber.client('ID')
  await subscriber.subscribe('__redis__:invalidate')
  const reader = connect()
  await reader.client('TRACKING', 'ON', 'REDIRECT', id)
  await reader.get('k')
  await redis.set('k', 'changed')
  await gone.reach(1)
  assert.deepEqual(gone.items.map(([channel]) => channel), ['__redis__:invalidate'])
  subscriber.disconnect()
  reader.disconnect()
})

await check('scripts', async () => {
  const kinds = "return {1.9, -1.9, '1.9', true, {ok = 'fine'}, {1, {2, {}}}, redis.call('GET', KEYS[1]), false, 'after nil'}"
  assert.deepEqual(await redis.eval(kinds, 1, 'nosuch'), [1, -1, '1.9', 1, 'fine', [1, [2, []]], null, null, 'after nil'])
  await assert.rejects(redis.eval('return {err = "MINE of my own"}', 0), { name: 'ReplyError', message: 'MINE of my own' })
  await assert.rejects(redis.eval("\n\nreturn redis.call('INCR', KEYS[1])", 1, 'k'), {
    message: /^ERR value is not an integer or out of range script: [0-9a-f]{40}, on @user_script:3\.$/,
  })
  await assert.rejects(redis.eval('return +', 0), { message: /^ERR Error compiling script \(new function\): user_script:1: unexpected symbol near '\+'/ })
  await assert.rejects(redis.evalsha('0'.repeat(40), 0), { message: /^NOSCRIPT No matching script\./ })
})

await check('commands made of scripts', async () => {
  const client = connect({ scripts: {
    twice: { numberOfKeys: 1, lua: "return {KEYS[1], redis.call('INCRBY', KEYS[1], 2 * ARGV[1])}" },
    echo: { lua: 'return ARGV[1]' },
  } })
  await ask('SCRIPT', 'FLUSH')
  assert.deepEqual(await client.twice('scripted', 2), ['scripted', 4])
  assert.deepEqual(await Promise.all([1, 2, 3].map((n) => client.twice('scripted', n))), [['scripted', 6], ['scripted', 10], ['scripted', 16]])
  const bytes = Buffer.from([0, 0xff, 13, 10])
  assert.deepEqual(await client.echoBuffer(0, bytes), bytes)
  await ask('SCRIPT', 'FLUSH')
  assert.deepEqual(await client.pipeline().twice('scripted', 1).echo(0, 'x').exec(), [[null, ['scripted', 18]], [null, 'x']])
  assert.deepEqual(await client.multi().twice('scripted', 1).echo(0, 'y').exec(), [[null, ['scripted', 20]], [null, 'y']])
  await assert.rejects(client.twice('l', 1), /^ReplyError: WRONGTYPE .* script: /)
  client.disconnect()
})

await check('MONITOR', async () => {
  // Of a client that is connected: ioredis takes what comes with the reply to MONITOR for a reply, so nothing else may connect.
  const monitor = await redis.monitor()
  const seen = collect()
  monitor.on('monitor', (_, words) => seen.add(words))
  await redis.set('watched', 'by a "monitor"')
  await until('SET', () => seen.items.some((words) => words[0] === 'set'))
  assert.deepEqual(seen.items.find((words) => words[0] === 'set'), ['set', 'watched', 'by a "monitor"'])
  monitor.disconnect()
})

await check('connects again after CLIENT KILL', async () => {
  const id = await redis.client('ID')
  assert.equal(await ask('CLIENT', 'KILL', 'ID', id), 1)
  await redis.set('alive', 'yes')
  assert.equal(await redis.get('alive'), 'yes')
  assert.ok(await redis.client('ID') > id)
})

await check('subscribes again after CLIENT KILL', async () => {
  const subscriber = connect()
  const messages = collect()
  subscriber.on('message', messages.add)
  const id = await subscriber.client('ID')
  await subscriber.subscribe('again')
  assert.equal(await ask('CLIENT', 'KILL', 'TYPE', 'pubsub', 'ID', id), 1)
  await until('subscribed again', async () => await redis.publish('again', 'message') === 1)
  await messages.reach(1)
  assert.deepEqual(messages.items, [['again', 'message']])
  subscriber.disconnect()
})

await check('blocks again after CLIENT KILL', async () => {
  const worker = connect()
  const id = await worker.client('ID')
  const job = worker.blpop('again', 0)
  await blocked(1)
  await ask('CLIENT', 'KILL', 'ID', id)
  await until('blocked by another connection', async () => {
    return (await ask('CLIENT', 'LIST')).split('\n').some((line) => line.includes(' cmd=blpop ') && clientInfo(line).id !== `${id}`)
  })
  await redis.rpush('again', 'job')
  assert.deepEqual(await job, ['again', 'job'])
  worker.disconnect()
})

await check('quits', async () => {
  assert.equal(await redis.quit(), 'OK')
})

finish()
