// bee-queue, with the client that it brings along: redis of version 3.

import Queue from 'bee-queue'
import { ask, assert, begin, blocked, check, clientInfo, collect, crowd, finish, host, port, until, within } from './check.mjs'

await begin()
const open = []

// connect opens a queue that is closed by close.
const connect = async (queueName, options) => {
  const queue = new Queue(queueName, { redis: { host, port }, initialRedisFailureRetryDelay: 5, ...options })
  queue.on('error', () => {})
  open.push(queue)
  return queue.ready()
}
const close = () => Promise.all(open.splice(0).map((queue) => queue.close()))

await check('jobs are worked on eight at a time', async () => {
  const queue = await connect('many')
  const results = collect()
  const jobs = await Promise.all(Array.from({ length: 40 }, (_, n) => queue.createJob({ n }).save()))
  for (const job of jobs) job.on('succeeded', (result) => results.add(job.data.n, result))
  assert.deepEqual(await queue.checkHealth(), { waiting: 40, active: 0, succeeded: 0, failed: 0, delayed: 0, newestJob: 40 })
  const eight = crowd(8)
  queue.process(8, async ({ data }) => {
    await eight()
    return 2 * data.n
  })
  await results.reach(40)
  assert.deepEqual(results.items.sort((a, b) => a[0] - b[0]), jobs.map((_, n) => [n, 2 * n]))
  await until('all done', async () => (await queue.checkHealth()).succeeded === 40)
  assert.equal((await queue.getJobs('succeeded', { size: 100 })).length, 40)
  await close()
})

await check('two workers do each job of a batch once', async () => {
  const producer = await connect('batch', { isWorker: false, storeJobs: false })
  const done = collect()
  for (const worker of [await connect('batch'), await connect('batch')]) worker.process(3, async (job) => done.add(job.data.n))
  const jobs = Array.from({ length: 200 }, (_, n) => producer.createJob({ n }))
  assert.equal((await producer.saveAll(jobs)).size, 0)
  assert.equal(new Set(jobs.map(({ id }) => id)).size, 200)
  await until('all done', async () => (await producer.checkHealth()).succeeded === 200)
  assert.deepEqual(done.items.sort((a, b) => a - b), jobs.map((_, n) => n))
  await close()
})

await check('jobs are taken in their order', async () => {
  const queue = await connect('order')
  for (let n = 0; n < 20; n++) await queue.createJob({ n }).save()
  assert.deepEqual((await queue.getJobs('waiting', { start: 0, end: 2 })).map(({ data }) => data.n), [19, 18, 17])
  const done = collect()
  queue.process(async (job) => done.add(job.data.n))
  await done.reach(20)
  assert.deepEqual(done.items, Array.from({ length: 20 }, (_, n) => n))
  await close()
})

await check('a job that fails, and is tried again by hand', async () => {
  const queue = await connect('failing')
  const failures = collect()
  let attempts = 0
  queue.process(async () => {
    if (++attempts === 1) throw new Error('on purpose')
    return 'well'
  })
  const job = queue.createJob({})
  job.on('failed', (error) => failures.add(error.message))
  await job.save()
  await failures.reach(1)
  assert.deepEqual(failures.items, ['on purpose'])
  const [failed] = await queue.getJobs('failed')
  assert.match(JSON.parse(await ask('HGET', 'bq:failing:jobs', job.id)).options.stacktraces[0], /^Error: on purpose\n/)
  assert.equal(await failed.isInSet('failed'), true)
  await failed.retry()
  await until('done', () => failed.isInSet('succeeded'))
  assert.equal(attempts, 2)
  await close()
})

for (const [strategy, pauses] of [['immediate', [0, 0]], ['fixed', [40, 40]], ['exponential', [30, 60]]]) {
  await check(`a job is tried again, with the back-off ${strategy}`, async () => {
    const queue = await connect('retried', { activateDelayedJobs: true, delayedDebounce: 1 })
    const [attempts, events] = [[], collect()]
    queue.process(async () => {
      attempts.push(Date.now())
      if (attempts.length <= 2) throw new Error(`attempt ${attempts.length}`)
      return attempts.length
    })
    const job = queue.createJob({}).retries(2).backoff(strategy, pauses[0] || undefined)
    job.on('retrying', (error) => events.add('retrying', error.message))
    job.on('succeeded', (result) => events.add('succeeded', result))
    await job.save()
    await events.reach(3)
    assert.deepEqual(events.items, [['retrying', 'attempt 1'], ['retrying', 'attempt 2'], ['succeeded', 3]])
    for (const [i, pause] of pauses.entries()) assert.ok(attempts[i + 1] - attempts[i] >= pause, attempts)
    await close()
  })
}

await check('a job for later is done later, and one for much later is not', async () => {
  const queue = await connect('later', { activateDelayedJobs: true, delayedDebounce: 1 })
  const done = collect()
  queue.process(async ({ data }) => done.add(data.at, Date.now()))
  const at = Date.now() + 80
  const save = (at) => queue.createJob({ at }).delayUntil(at).save()
  const muchLater = await save(at + 3_600_000)
  await save(at)
  await done.reach(1)
  assert.equal(done.items[0][0], at)
  assert.ok(done.items[0][1] >= at)
  assert.deepEqual((await queue.getJobs('delayed')).map(({ id }) => id), [muchLater.id])
  assert.equal(await ask('ZSCORE', 'bq:later:delayed', muchLater.id), String(at + 3_600_000))
  await close()
})

await check('two thousand jobs that are due are raised at once', async () => {
  const queue = await connect('due', { isWorker: false })
  const at = Date.now() + 30
  await queue.saveAll(Array.from({ length: 2000 }, () => queue.createJob({}).delayUntil(at)))
  await until('due', () => Date.now() >= at)
  const raised = collect()
  const worker = await connect('due', { activateDelayedJobs: true, delayedDebounce: 1 })
  worker.on('raised jobs', raised.add)
  worker.process(50, async () => {})
  await until('all done', async () => (await queue.checkHealth()).succeeded === 2000)
  assert.ok(raised.items[0] > 1000, raised.items)
  await close()
})

await check('progress and events reach who made the job', async () => {
  const [queue, worker] = [await connect('events', { isWorker: false }), await connect('events')]
  worker.process(async (job) => {
    await job.reportProgress(50)
    return { answer: [42, null] }
  })
  const events = collect()
  queue.on('job progress', (id, progress) => events.add('progress', id, progress))
  queue.on('job succeeded', (id, result) => events.add('succeeded', id, result))
  const { id } = await queue.createJob({}).save()
  await events.reach(2)
  assert.deepEqual(events.items, [['progress', id, 50], ['succeeded', id, { answer: [42, null] }]])
  await close()
})

await check('a job that takes too long', async () => {
  const queue = await connect('timeout')
  queue.process(() => new Promise(() => {}))
  const failures = collect()
  const job = queue.createJob({}).timeout(10)
  job.on('failed', (error) => failures.add(error.message))
  await job.save()
  await failures.reach(1)
  assert.deepEqual(failures.items, [`Job ${job.id} timed out (10 ms)`])
  await close()
})

await check('a job of a worker that died is done by another', async () => {
  const dying = await connect('stalled', { stallInterval: 50 })
  const started = collect()
  dying.process((job) => new Promise(() => started.add(job.id)))
  const job = await dying.createJob({ n: 1 }).save()
  await started.reach(1)
  await assert.rejects(dying.close(1), { message: 'Operation timed out.' })
  open.splice(open.indexOf(dying), 1)
  assert.deepEqual(await ask('LRANGE', 'bq:stalled:active', 0, -1), [job.id])

  const worker = await connect('stalled', { stallInterval: 50 })
  const [stalled, done] = [collect(), collect()]
  worker.on('stalled', stalled.add)
  worker.on('succeeded', ({ id }, result) => done.add(id, result))
  worker.process(async ({ data }) => data.n)
  worker.checkStalledJobs(60)
  await done.reach(1)
  assert.equal(stalled.items[0], job.id)
  assert.deepEqual(done.items[0], [job.id, 1])
  await close()
})

await check('a job with an id of its own is there once, and is removed', async () => {
  const queue = await connect('own')
  assert.equal((await queue.createJob({ n: 1 }).setId('mine').save()).id, 'mine')
  assert.equal((await queue.createJob({ n: 2 }).setId('mine').save()).id, null)
  assert.equal((await queue.createJob({ n: 3 }).setId('mine').delayUntil(Date.now() + 3_600_000).save()).id, null)
  assert.equal((await queue.getJob('mine')).data.n, 1)
  await queue.removeJob('mine')
  assert.equal(await queue.getJob('mine'), null)
  assert.equal((await queue.checkHealth()).waiting, 0)
  await queue.createJob({}).save()
  assert.ok(await queue.destroy() > 0)
  assert.deepEqual(await ask('KEYS', 'bq:own:*'), [])
  await close()
})

await check('a job is not made without its script', async () => {
  const queue = await connect('forgotten', { isWorker: false })
  await ask('SCRIPT', 'FLUSH')
  await assert.rejects(queue.createJob({}).save(), { message: /^NOSCRIPT No matching script\./ })
  assert.equal((await (await connect('forgotten', { isWorker: false })).createJob({}).save()).id, '1')
  await close()
})

await check('an error within a script reaches who called it', async () => {
  const queue = await connect('wrong', { isWorker: false })
  await ask('SET', 'bq:wrong:jobs', 'x')
  await assert.rejects(queue.createJob({}).save(), { message: /^WRONGTYPE Operation against a key holding the wrong kind of value script: [0-9a-f]{40}, on @user_script:13\.$/ })
  assert.equal(await ask('GET', 'bq:wrong:id'), '1', 'what was done before the error stays')
  await close()
})

await check('goes on after CLIENT KILL', async () => {
  const queue = await connect('killed')
  const done = collect()
  queue.process(async ({ data }) => done.add(data.n))
  await queue.createJob({ n: 1 }).save()
  await done.reach(1)
  const waits = async () => (await ask('CLIENT', 'LIST')).split('\n').filter((line) => line.includes(' cmd=brpoplpush ')).map((line) => clientInfo(line).id)
  await blocked(1)
  const [id] = await waits()
  await ask('CLIENT', 'KILL', 'ID', id)
  await until('blocked by another connection', async () => (await waits()).some((other) => other !== id))
  await queue.createJob({ n: 2 }).save()
  await done.reach(2)
  assert.deepEqual(done.items, [1, 2])
  await within('the end', close())
})

finish()
