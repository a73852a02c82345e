// Two servers of socket.io that know of each other through an adapter, and clients at both.

import { createServer } from 'node:http'
import { once } from 'node:events'
import { createAdapter, createShardedAdapter } from '@socket.io/redis-adapter'
import { Emitter } from '@socket.io/redis-emitter'
import { createAdapter as createStreamsAdapter } from '@socket.io/redis-streams-adapter'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { Server } from 'socket.io'
import { io as connect } from 'socket.io-client'
import { ask, assert, begin, blocked, check, clientInfo, collect, finish, host, port, until, url } from './check.mjs'

await begin()

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

const pubsub = async (connection) => createAdapter(await connection(), await connection())
const sharded = async (connection) => createShardedAdapter(await connection(), await connection())
const streams = async (connection) => createStreamsAdapter(await connection())

await run('redis-adapter with node-redis', () => pubsub(nodeRedis), { emitter: true })
await run('redis-adapter with ioredis', () => pubsub(ioredis), { emitter: true })
await run('redis-adapter, sharded', () => sharded(nodeRedis), { channels: true })
await run('redis-streams-adapter with node-redis', () => streams(nodeRedis), { polls: true })
await run('redis-streams-adapter with ioredis', () => streams(ioredis), { polls: true })
finish()

async function run(name, adapter, { emitter, polls, channels } = {}) {
  await ask('FLUSHALL')
  const checked = (what, run) => check(`${name}: ${what}`, run)
  const [here, there] = [await serve(await adapter(), polls), await serve(await adapter(), polls)]
  let near, far, farther

  // listening waits until n channels that match a pattern are listened to. The sharded adapter has one for each room and does not
  // wait for the subscription when a client joins. What is sent to the room before is lost, and nobody orders what comes over two
  // connections at about the same time: Redis takes first what came first, which snakecached may not.
  const listening = async (pattern, n) => {
    if (channels) await until(`${n} of ${pattern}`, async () => (await ask('PUBSUB', 'SHARDCHANNELS', `socket.io#/#${pattern}`)).length === n)
  }

  await checked('two servers find each other', async () => {
    await until('two servers', async () => await here.io.of('/').adapter.serverCount() === 2)
    await listening('?*', 2) // each to its own, for answers
    near = await join(here)
    far = await join(there)
    farther = await join(there)
    if (polls) await blocked(2) // what is sent before is not received: the adapter begins with what is new
  })

  await checked('an event to all', async () => {
    here.io.emit('event', 'to all', { n: 1 }, Buffer.from([0, 0xff]))
    for (const one of [near, far, farther]) {
      await one.events.reach(1)
      assert.deepEqual(one.take(), [['to all', { n: 1 }, Buffer.from([0, 0xff])]])
    }
  })

  await checked('three hundred events in their order', async () => {
    for (let i = 0; i < 300; i++) here.io.emit('event', i)
    await far.events.reach(300)
    assert.deepEqual(far.take(), Array.from({ length: 300 }, (_, i) => i))
    await Promise.all([near, farther].map((one) => one.events.reach(300)))
    near.take()
    farther.take()
  })

  await checked('an event to a room, and to all others', async () => {
    await far.socket.emitWithAck('join', 'room')
    await listening('room#', 1)
    here.io.to('room').emit('event', 'to the room')
    here.io.except('room').emit('event', 'to the others')
    here.io.emit('event', 'last')
    for (const one of [near, far, farther]) await one.events.reach(2)
    assert.deepEqual(far.take(), ['to the room', 'last'])
    assert.deepEqual(near.take(), ['to the others', 'last'])
    assert.deepEqual(farther.take(), ['to the others', 'last'])
  })

  await checked('an event that all clients answer', async () => {
    const answers = await here.io.timeout(30_000).emitWithAck('question')
    assert.deepEqual(answers.sort(), [near, far, farther].map((one) => one.socket.id).sort())
  })

  await checked('the clients of both servers are listed', async () => {
    const sockets = await patiently(() => here.io.fetchSockets())
    assert.deepEqual(sockets.map((one) => one.id).sort(), [near, far, farther].map((one) => one.socket.id).sort())
    const [one] = await patiently(() => here.io.in('room').fetchSockets())
    assert.equal(one.id, far.socket.id)
    assert.deepEqual(one.data, { number: 1 })
  })

  await checked('clients of the other server are put into a room', async () => {
    here.io.in(farther.socket.id).socketsJoin('other room')
    await until('in the room', async () => (await patiently(() => here.io.in('other room').fetchSockets())).length === 1)
    await listening('other room#', 1)
    here.io.to('other room').emit('event', 'hello')
    await farther.events.reach(1)
    assert.deepEqual(farther.take(), ['hello'])
    here.io.in('other room').socketsLeave('other room')
    await until('out of the room', async () => (await patiently(() => here.io.in('other room').fetchSockets())).length === 0)
  })

  await checked('servers talk to each other', async () => {
    there.io.on('question between servers', (text, answer) => answer(`${text} heard`))
    assert.deepEqual(await patiently(() => here.io.serverSideEmitWithAck('question between servers', 'hello')), ['hello heard'])
  })

  if (emitter) {
    await checked('a process without a server emits', async () => {
      const out = new Emitter(await nodeRedis())
      out.emit('event', 'from outside')
      for (const one of [near, far, farther]) {
        await one.events.reach(1)
        assert.deepEqual(one.take(), ['from outside'])
      }
      out.to('room').emit('event', 'to the room')
      await far.events.reach(1)
      assert.deepEqual(far.take(), ['to the room'])
    })
  }

  if (polls) {
    await checked('a client that was away goes on at the other server, and has missed nothing', async () => {
      here.io.emit('event', 'before')
      await far.events.reach(1)
      far.take()
      await Promise.all([once(far.socket, 'disconnect'), far.socket.io.engine.close()])
      await until('a session', async () => (await ask('KEYS', 'sio:session:*')).length === 1)
      there.io.to('room').emit('event', 'while away')
      there.io.to('nobody').emit('event', 'not for it')
      await until('both events', async () => (await ask('XREVRANGE', 'socket.io', '+', '-', 'COUNT', 1))[0]?.[1].join().includes('not for it'))
      far.socket.io.uri = here.url
      await Promise.all([once(far.socket, 'connect'), far.socket.connect()])
      assert.equal(far.socket.recovered, true)
      await far.events.reach(1)
      assert.deepEqual(far.take(), ['while away'])
    })
  }

  await checked('a client of the other server is disconnected', async () => {
    const gone = once(farther.socket, 'disconnect')
    here.io.in(farther.socket.id).disconnectSockets()
    assert.equal((await gone)[0], 'io server disconnect')
  })

  for (const one of [near, far, farther]) one?.socket.disconnect()
  await checked('the servers end', async () => {
    await Promise.all([here.io.close(), there.io.close()])
    for (const line of (await ask('CLIENT', 'LIST')).split('\n')) {
      if (line.includes(' cmd=xread ')) await ask('CLIENT', 'UNBLOCK', clientInfo(line).id) // or it would take five seconds
    }
    await blocked(0)
    await until('no channels', async () => (await Promise.all([ask('PUBSUB', 'CHANNELS'), ask('PUBSUB', 'SHARDCHANNELS')])).flat().length === 0)
  })
}

// patiently asks again where an adapter waited for the other server as long as it does, which is too short for a busy machine.
async function patiently(ask) {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!error.message.startsWith('timeout reached')) throw error
    }
  }
}

// serve starts a server of socket.io on a port of its own.
async function serve(adapter, recovers) {
  const http = createServer()
  const io = new Server(http, { adapter, ...recovers && { connectionStateRecovery: {} } })
  let number = 0
  io.on('connection', (socket) => {
    socket.data = { number: socket.recovered ? 'recovered' : ++number }
    socket.on('join', async (room, answer) => {
      await socket.join(room)
      answer()
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return { io, url: `http://127.0.0.1:${http.address().port}` }
}

// join connects a client, and collects the events that it is sent. It comes back only when it is told to.
async function join(server) {
  const socket = connect(server.url, { reconnection: false, forceNew: true })
  const events = collect()
  socket.on('event', (...words) => events.add(...words.filter((word) => !isOffset(word))))
  socket.on('question', (answer) => answer(socket.id))
  await once(socket, 'connect')
  return { socket, events, take: () => events.items.splice(0) }
}

// isOffset tells what a server that can take clients back adds to every event.
function isOffset(word) {
  return typeof word === 'string' && /^\d+-\d+$/.test(word)
}
