// bull, with its defaults where the time that a check takes does not matter.

import Queue from 'bull'
import { ask, assert, begin, blocked, check, clientInfo, collect, crowd, finish, host, port, until } from './check.mjs'

await begin()
const hour = 3_600_000
const open = []

// connect opens a queue. At the end of a check all of them are closed, which takes half a second that nobody waits for.
function connect(name, { settings, ...options } = {}) {
  const queue = new Queue(name, { redis: { host, port }, settings: { retryProcessDelay: 5, ...settings }, ...options })
  queue.on('error', () => {})
  open.push(queue)
  return queue
}

// work is a check of queues of its own.
async function work(what, run) {
  await check(what, run)
  for (const queue of open.splice(0)) queue.close(true)
}

const numbers = (n) => Array.from({ length: n }, (_, i) => i)
const sorted = (items) => items.sort((a, b) => a - b)
const finished = (queue) => {
  const results = collect()
  queue.on('completed', (job, result) => results.add(job.name, result))
  queue.on('failed', (job, error) => results.add(job.name, error.message))
  return results
}

await work('jobs are worked on eight at a time', async () => {
  const queue = await connect('many').isReady()
  const results = finished(queue)
  const jobs = await Promise.all(numbers(40).map((n) => queue.add(`${n}`, {})))
  assert.deepEqual(jobs.map(({ id }) => id), numbers(40).map((n) => `${n + 1}`))
  assert.deepEqual(await queue.getJobCounts(), { waiting: 40, active: 0, completed: 0, failed: 0, delayed: 0, paused: 0 })
  const eight = crowd(8)
  queue.process('*', 8, async ({ name }) => {
    await eight()
    return { twice: 2 * name }
  })
  await results.reach(40)
  assert.deepEqual(sorted(results.items.map(([, { twice }]) => twice)), numbers(40).map((n) => 2 * n))
  assert.equal(await queue.getCompletedCount(), 40)
  assert.equal(await queue.count(), 0)
})

await work('two workers do each job of a batch once', async () => {
  const producer = connect('batch')
  const done = collect()
  for (const worker of [connect('batch'), connect('batch')]) worker.process(3, async ({ data }) => done.add(data.n))
  const jobs = await producer.addBulk(numbers(200).map((n) => ({ data: { n } })))
  assert.equal(new Set(jobs.map(({ id }) => id)).size, 200)
  await until('all done', async () => await producer.getCompletedCount() === 200)
  assert.deepEqual(sorted(done.items), numbers(200))
})

await work('the order of jobs: by priority, last in first out, first in first out', async () => {
  const queue = connect('order')
  const options = { a: {}, b: {}, c: { lifo: true }, p9: { priority: 9 }, p5: { priority: 5 }, p1: { priority: 1 }, 'p5 again': { priority: 5 } }
  for (const [name, opts] of Object.entries(options)) await queue.add(name, {}, opts)
  assert.deepEqual(await queue.getCountsPerPriority([1, 5, 9, 7]), { 1: 1, 5: 2, 9: 1, 7: 0 })
  const order = collect()
  queue.process('*', async ({ name }) => order.add(name))
  await order.reach(7)
  assert.deepEqual(order.items, ['p1', 'p5', 'p5 again', 'p9', 'c', 'a', 'b'])
})

await work('progress, logs, data that change, and events to who made the job', async () => {
  const [producer, worker] = [connect('events'), connect('events')]
  const events = collect()
  for (const event of ['waiting', 'active', 'progress', 'completed']) {
    const registered = new Promise((resolve) => producer.once(`registered:global:${event}`, resolve))
    producer.on(`global:${event}`, (...words) => events.add(event, ...words))
    await registered
  }
  worker.process(async (job) => {
    await job.log('begun')
    await job.progress({ percent: 50 })
    await job.update({ ...job.data, seen: true })
    await job.log('ended')
    return [null, 'ü', 1.5]
  })
  const { id } = await producer.add({ text: '\0\r\n"ü' })
  await until('completed', () => events.items.some(([event]) => event === 'completed'))
  for (const event of [['active', id, 'waiting'], ['progress', id, { percent: 50 }], ['completed', id, '[null,"ü",1.5]', 'active']]) {
    assert.deepEqual(events.items.find(([name]) => name === event[0]), event)
  }
  const job = await producer.getJob(id)
  assert.deepEqual([job.data, job.progress(), job.returnvalue], [{ text: '\0\r\n"ü', seen: true }, { percent: 50 }, [null, 'ü', 1.5]])
  assert.deepEqual(await producer.getJobLogs(id), { logs: ['begun', 'ended'], count: 2 })
})

await work('a job that fails, and is tried again by hand', async () => {
  const queue = connect('failing')
  let willing = false
  queue.process(async () => {
    if (!willing) throw new Error('on purpose')
    return 'well'
  })
  const jobs = await queue.addBulk(numbers(5).map(() => ({ data: {} })))
  await assert.rejects(jobs[0].finished(), { message: 'on purpose' })
  await until('all failed', async () => await queue.getFailedCount() === 5)
  const failed = await queue.getJob(jobs[0].id)
  assert.equal(failed.failedReason, 'on purpose')
  assert.match(failed.stacktrace[0], /^Error: on purpose\n/)
  assert.equal(failed.attemptsMade, 1)
  willing = true
  await failed.retry()
  assert.equal(await failed.finished(), 'well')
  await assert.rejects(failed.retry(), { message: "Couldn't retry job: The job has been already retried or has not failed" })
  await queue.retryJobs({ count: 2 })
  await until('all done', async () => await queue.getCompletedCount() === 5)
})

for (const [type, pauses] of [['immediate', [0, 0]], ['fixed', [40, 40]], ['exponential', [30, 90]], ['own', [1, 50]]]) {
  await work(`a job is tried again, with the back-off ${type}`, async () => {
    const queue = connect(`retried ${type}`, { settings: { backoffStrategies: { own: (attempts) => pauses[attempts - 1] } } })
    const [attempts, results] = [[], finished(queue)]
    queue.process('*', async () => {
      attempts.push(Date.now())
      if (attempts.length <= 2) throw new Error(`attempt ${attempts.length}`)
      return attempts.length
    })
    const backoff = type === 'immediate' ? undefined : { type, delay: pauses[0] }
    const job = await queue.add('job', {}, { attempts: 3, backoff })
    await results.reach(3)
    assert.deepEqual(results.items, [['job', 'attempt 1'], ['job', 'attempt 2'], ['job', 3]])
    for (const [i, pause] of pauses.entries()) assert.ok(attempts[i + 1] - attempts[i] >= pause, attempts)
    assert.equal((await queue.getJob(job.id)).stacktrace.length, 2)
  })
}

await work('a job that is discarded is not tried again', async () => {
  const queue = connect('discarded')
  queue.process(async (job) => {
    job.discard()
    throw new Error('for ever')
  })
  const job = await queue.add({}, { attempts: 5 })
  await assert.rejects(job.finished(), { message: 'for ever' })
  assert.equal((await queue.getJob(job.id)).attemptsMade, 1)
})

await work('jobs for later are done in the order of their times', async () => {
  const queue = connect('later')
  const done = collect()
  queue.process('*', async ({ name }) => done.add(name, Date.now()))
  await queue.isReady()
  const before = Date.now()
  const later = await queue.add('in an hour', {}, { delay: hour })
  await queue.addBulk([['third', 120], ['first', 60], ['second', 90]].map(([name, delay]) => ({ name, data: {}, opts: { delay } })))
  await done.reach(3)
  assert.deepEqual(done.items.map(([name]) => name), ['first', 'second', 'third'])
  for (const [i, delay] of [60, 90, 120].entries()) assert.ok(done.items[i][1] - before >= delay)
  assert.equal(await later.getState(), 'delayed')
  assert.deepEqual((await queue.getDelayed()).map(({ id }) => id), [later.id])
  await later.promote()
  await done.reach(4)
  await assert.rejects(later.promote(), { message: `Job ${later.id} is not in a delayed state` })
})

await work('a job is repeated as often as it is told', async () => {
  const queue = connect('repeated')
  const done = collect()
  queue.process('*', async ({ opts }) => done.add(opts.repeat.count, Date.now(), opts.prevMillis))
  await queue.add('every', {}, { repeat: { every: 40, limit: 3 } })
  await done.reach(3)
  assert.deepEqual(done.items.map(([count]) => count), [1, 2, 3])
  for (const [, ranAt, dueAt] of done.items) assert.ok(ranAt >= dueAt && dueAt % 40 === 0)
  await until('no job is left', async () => await queue.getDelayedCount() === 0 && await queue.getActiveCount() === 0)
})

await work('what is repeated by a calendar is listed and removed', async () => {
  const queue = connect('calendar')
  await queue.add('new year', { n: 1 }, { repeat: { cron: '0 0 1 1 *', tz: 'Europe/Berlin' } })
  await queue.add('hourly', { n: 2 }, { repeat: { every: hour }, jobId: 'own' })
  assert.equal(await queue.getRepeatableCount(), 2)
  assert.equal(await queue.getDelayedCount(), 2)
  const [hourly, newYear] = await queue.getRepeatableJobs(0, -1, true)
  assert.deepEqual([hourly.name, hourly.id, hourly.next % hour], ['hourly', 'own', 0])
  assert.deepEqual([newYear.name, newYear.cron, newYear.tz], ['new year', '0 0 1 1 *', 'Europe/Berlin'])
  await queue.removeRepeatableByKey(newYear.key)
  assert.equal(await queue.getDelayedCount(), 1)
  await queue.removeRepeatable('hourly', { every: hour, jobId: 'own' })
  assert.deepEqual([await queue.getRepeatableCount(), await queue.getDelayedCount()], [0, 0])
})

// abandon lets a worker take a job, and die.
async function abandon(name, job) {
  const dying = connect(name, { settings: { lockDuration: 60, stalledInterval: hour } })
  const started = collect()
  dying.process(({ id }) => new Promise(() => started.add(id)))
  await until('started', () => started.items.includes(job.id))
  await dying.close(true)
  assert.equal(await job.getState(), 'active')
  await ask('DEL', `bull:${name}:stalled-check`) // or nobody looks for an hour
}

await work('a job of a worker that died is done by another', async () => {
  const producer = connect('stalled')
  const job = await producer.add({ n: 7 })
  await abandon('stalled', job)
  const worker = connect('stalled', { settings: { stalledInterval: 40 } })
  const stalled = collect()
  worker.on('stalled', ({ id }) => stalled.add(id))
  worker.process(async ({ data }) => data.n)
  assert.equal(await job.finished(), 7)
  await stalled.reach(1)
  assert.equal(stalled.items[0], job.id)
})

await work('a job of which two workers died is given up', async () => {
  const producer = connect('given up')
  const job = await producer.add({})
  await abandon('given up', job)
  const again = connect('given up', { settings: { lockDuration: 60, stalledInterval: 40, maxStalledCount: 0 } })
  const failed = collect()
  again.on('failed', (job, error) => failed.add(job.id, error.message))
  again.process(async () => 'never')
  await failed.reach(1)
  assert.deepEqual(failed.items, [[job.id, 'job stalled more than allowable limit']])
  assert.equal(await job.getState(), 'failed')
})

await work('a job is locked by who works on it', async () => {
  const [holder, other] = [connect('locked'), connect('locked')]
  const { id } = await holder.add({})
  const job = await holder.getNextJob()
  const same = await other.getJob(id)
  assert.equal(job.id, id)
  assert.equal(await ask('GET', `bull:locked:${id}:lock`), holder.token)
  await assert.rejects(same.moveToCompleted('stolen'), { message: `Lock mismatch for job ${id}. Cmd finished from active` })
  await assert.rejects(same.releaseLock(), { message: `Could not release lock for job ${id}` })
  await assert.rejects(same.remove(), { message: `Could not remove job ${id}` })
  assert.deepEqual([await same.takeLock(), await same.extendLock(hour)], [false, 0])

  assert.equal(await job.extendLock(hour), 1)
  assert.ok(await ask('PTTL', `bull:locked:${id}:lock`) > hour / 2)
  await job.releaseLock()
  await assert.rejects(job.moveToCompleted('unlocked'), { message: `Missing lock for job ${id} finished` })
  assert.equal(await job.takeLock(), 1)
  await job.moveToCompleted('well')
  assert.equal((await other.getJob(id)).returnvalue, 'well')
})

await work('a lock is prolonged while the job is worked on', async () => {
  const queue = connect('prolonged', { settings: { lockDuration: hour, lockRenewTime: 20 } })
  let end
  queue.process(() => new Promise((resolve) => { end = resolve }))
  const job = await queue.add({})
  const lock = `bull:prolonged:${job.id}:lock`
  await until('started', () => end)
  await ask('PEXPIRE', lock, hour / 2)
  await until('prolonged', async () => await ask('PTTL', lock) > hour / 2)
  end('well')
  assert.equal(await job.finished(), 'well')
  assert.equal(await ask('EXISTS', lock), 0)
})

await work('a limiter lets two jobs through in a while', async () => {
  const queue = connect('limited', { limiter: { max: 2, duration: 120 } })
  const done = collect()
  await queue.addBulk(numbers(5).map((n) => ({ data: { n } })))
  const before = Date.now()
  queue.process(5, async ({ data }) => done.add(data.n, Date.now() - before))
  await done.reach(5)
  assert.deepEqual(sorted(done.items.map(([n]) => n)), numbers(5))
  const times = sorted(done.items.map(([, time]) => time))
  assert.ok(times[2] >= 110 && times[4] >= 220, times)
})

await work('a limiter of groups holds up a group alone', async () => {
  const queue = connect('groups', { limiter: { max: 1, duration: hour, groupKey: 'group' } })
  const done = collect()
  for (const group of ['a', 'a', 'b', 'a', 'c']) await queue.add({ group })
  queue.process(2, async ({ data }) => done.add(data.group))
  await done.reach(3)
  await until('two are held up', async () => await queue.getDelayedCount() === 2)
  assert.deepEqual(done.items.sort(), ['a', 'b', 'c'])
  assert.ok(await ask('PTTL', 'bull:groups:limiter:a') > hour / 2)
})

await work('a queue is paused, and goes on', async () => {
  const queue = connect('paused')
  const done = collect()
  queue.process(async ({ data }) => done.add(data.n))
  await queue.add({ n: 1 })
  await done.reach(1)
  await queue.pause()
  await queue.add({ n: 2 })
  const front = await queue.add({ n: 3 }, { lifo: true })
  assert.deepEqual([await queue.isPaused(), await queue.getPausedCount(), await front.getState()], [true, 2, 'paused'])
  await queue.resume()
  await done.reach(3)
  assert.deepEqual(done.items, [1, 3, 2])
})

await work('jobs are called by name, and end in time', async () => {
  const queue = connect('named')
  const results = finished(queue)
  queue.process('add', async ({ data }) => data.a + data.b)
  queue.process('never', () => new Promise(() => {}))
  await queue.add('add', { a: 1, b: 2 })
  await queue.add('unknown', {})
  await queue.add('never', {}, { timeout: 10 })
  await results.reach(3)
  assert.deepEqual(Object.fromEntries(results.items), { add: 3, unknown: 'Missing process handler for job type unknown', never: 'Promise timed out after 10 milliseconds' })
})

await work('a job with an id of its own is there once, and so is one of many alike', async () => {
  const queue = connect('alike')
  const duplicates = collect()
  const registered = new Promise((resolve) => queue.once('registered:global:duplicated', resolve))
  queue.on('global:duplicated', (id) => duplicates.add(id))
  await registered
  await queue.add({ n: 1 }, { jobId: 'own' })
  await queue.add({ n: 2 }, { jobId: 'own' })
  await duplicates.reach(1)
  assert.equal(duplicates.items[0], 'own')
  assert.equal((await queue.getJob('own')).data.n, 1)
  const first = await queue.add({ n: 3 }, { debounce: { id: 'alike', ttl: hour } })
  const second = await queue.add({ n: 4 }, { debounce: { id: 'alike', ttl: hour } })
  assert.equal(second.id, first.id)
  assert.equal(await queue.getWaitingCount(), 2)
})

await work('what is done is kept as long as it is told', async () => {
  const queue = connect('kept', { metrics: { maxDataPoints: 10 } })
  queue.process('*', 1, async ({ name }) => {
    if (name === 'fails') throw new Error(name)
  })
  const results = finished(queue)
  const add = async (name, opts) => {
    await queue.add(name, {}, opts)
    await results.reach(1)
    return results.items.pop()
  }
  await add('gone', { removeOnComplete: true })
  for (let i = 0; i < 5; i++) await add('two', { removeOnComplete: 2 })
  for (let i = 0; i < 3; i++) assert.deepEqual(await add('fails', { removeOnFail: { count: 1, age: hour } }), ['fails', 'fails'])
  assert.deepEqual([await queue.getCompletedCount(), await queue.getFailedCount()], [2, 1])
  const { meta } = await queue.getMetrics('completed')
  assert.equal(meta.count, 6)
})

await work('jobs are cleaned, removed, and the queue with all of them', async () => {
  const queue = connect('cleaned')
  const jobs = await queue.addBulk(numbers(30).map((n) => ({ data: { n }, opts: { jobId: `${n % 2 ? 'odd' : 'even'}:${n}`, delay: n < 10 ? hour : 0 } })))
  await jobs[0].remove()
  assert.equal(await queue.getJob(jobs[0].id), null)
  await queue.removeJobs('odd:?')
  assert.deepEqual(sorted((await queue.getDelayed()).map(({ data }) => data.n)), [2, 4, 6, 8])
  assert.equal((await queue.clean(-1000, 'delayed')).length, 4)
  assert.equal((await queue.clean(-1000, 'wait', 15)).length, 15)
  await assert.rejects(queue.clean(0, 'nosuch'), /Cannot clean unknown queue type nosuch/)
  assert.equal(await queue.count(), 5)
  await queue.empty()
  assert.equal(await queue.count(), 0)
  await queue.addBulk(numbers(25).map((n) => ({ data: { n } })))
  await queue.getNextJob()
  await assert.rejects(queue.obliterate(), /active jobs/)
  await queue.obliterate({ force: true, count: 10 })
  assert.deepEqual((await ask('KEYS', 'bull:cleaned:*')).filter((key) => !key.includes(':odd:')), [])
})

await work('scripts that the server has forgotten are sent again', async () => {
  const queue = connect('again')
  await ask('SCRIPT', 'FLUSH')
  await queue.addBulk(numbers(10).map((n) => ({ data: { n } })))
  queue.process(async () => ask('SCRIPT', 'FLUSH')) // one at a time: ioredis sends a script again once only
  await until('all done', async () => await queue.getCompletedCount() === 10)
})

await work('an error within a script reaches who called it', async () => {
  const queue = connect('wrong')
  await ask('SET', 'bull:wrong:wait', 'x')
  await assert.rejects(queue.add({ n: 1 }), { message: /^WRONGTYPE Operation against a key holding the wrong kind of value script: [0-9a-f]{40}, on @user_script:\d+\.$/ })
  assert.equal(await ask('HGET', 'bull:wrong:1', 'data'), '{"n":1}', 'what was done before the error stays')
})

await work('goes on after CLIENT KILL', async () => {
  const queue = connect('killed')
  const done = collect()
  queue.process(async ({ data }) => done.add(data.n))
  await queue.add({ n: 1 })
  await done.reach(1)
  await blocked(1)
  const waits = async () => (await ask('CLIENT', 'LIST')).split('\n').filter((line) => line.includes(' cmd=brpoplpush ')).map((line) => clientInfo(line).id)
  const [id] = await waits()
  await ask('CLIENT', 'KILL', 'ID', id)
  await until('blocked by another connection', async () => (await waits()).some((other) => other !== id))
  await queue.add({ n: 2 })
  await done.reach(2)
  assert.deepEqual(done.items, [1, 2])
})

finish()
