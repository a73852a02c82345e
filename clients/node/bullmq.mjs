// BullMQ with ioredis, which it brings up by itself, and with a client of node-redis.

import { DelayedError, FlowProducer, Queue, QueueEvents, RateLimitError, Relay, UnrecoverableError, WaitingChildrenError, Worker } from 'bullmq'
import { createClient } from 'redis'
import { ask, assert, begin, check, clientInfo, collect, crowd, finish, host, port, until, url, within } from './check.mjs'

await begin()
await ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction') // or it says for each connection how important that is
const hour = 3_600_000
const numbers = (n) => Array.from({ length: n }, (_, i) => i)
const sorted = (items) => items.sort((a, b) => a - b)

await run('ioredis', () => ({ host, port }))
await run('node-redis', () => {
  const client = createClient({ url })
  client.on('error', () => {})
  return client
})
finish()

async function run(client, connection) {
  await ask('FLUSHALL')
  await ask('SCRIPT', 'FLUSH')
  const open = []
  const opened = (one) => {
    one.on('error', () => {})
    open.push(one)
    return one
  }
  const options = (options) => ({ connection: connection(), ...options })
  const queueOf = (name, more) => opened(new Queue(name, options(more)))
  const workerOf = (name, processor, more) => opened(new Worker(name, processor, options(more)))
  const eventsOf = async (name) => {
    const events = opened(new QueueEvents(name, options({ lastEventId: '0-0' })))
    await events.waitUntilReady()
    return events
  }
  const flows = () => opened(new FlowProducer(options()))

  // work is a check of queues of its own, which are closed afterwards while nobody waits for it.
  const work = async (what, run) => {
    await check(`with ${client}: ${what}`, run)
    for (const one of open.splice(0)) one.close(true).catch(() => {})
  }

  await work('jobs are worked on eight at a time', async () => {
    const queue = queueOf('many')
    const jobs = await queue.addBulk(numbers(40).map((n) => ({ name: 'twice', data: { n } })))
    assert.deepEqual(jobs.map(({ id }) => id), numbers(40).map((n) => `${n + 1}`))
    assert.deepEqual(await queue.getJobCounts('wait', 'active', 'completed'), { wait: 40, active: 0, completed: 0 })
    const eight = crowd(8)
    const results = collect()
    const worker = workerOf('many', async ({ data }) => {
      await eight()
      return { twice: 2 * data.n }
    }, { concurrency: 8 })
    worker.on('completed', ({ id }, { twice }) => results.add(id, twice))
    await results.reach(40)
    assert.deepEqual(Object.fromEntries(results.items), Object.fromEntries(jobs.map(({ id }, n) => [id, 2 * n])))
    assert.equal(await queue.getCompletedCount(), 40)
    assert.equal(await queue.count(), 0)
  })

  await work('two workers do each job of a batch once', async () => {
    const queue = queueOf('batch')
    const done = collect()
    for (let i = 0; i < 2; i++) workerOf('batch', async ({ data }) => done.add(data.n), { concurrency: 3 })
    await queue.addBulk(numbers(200).map((n) => ({ name: 'job', data: { n } })))
    await until('all done', async () => await queue.getCompletedCount() === 200)
    assert.deepEqual(sorted(done.items), numbers(200))
  })

  await work('the order of jobs: last in first out, first in first out, by priority', async () => {
    const queue = queueOf('order')
    const order = collect()
    const jobs = {}
    for (const [name, opts] of Object.entries({ a: {}, b: {}, c: { lifo: true }, p9: { priority: 9 }, p5: { priority: 5 }, p1: { priority: 1 }, 'p5 again': { priority: 5 } })) {
      jobs[name] = await queue.add(name, {}, opts)
    }
    assert.deepEqual(await queue.getCountsPerPriority([1, 5, 9, 7]), { 1: 1, 5: 2, 9: 1, 7: 0 })
    assert.equal(await queue.getPrioritizedCount(), 4)
    await jobs.p9.changePriority({ priority: 2 })
    await jobs.b.changePriority({ priority: 7 })
    workerOf('order', async ({ name }) => order.add(name))
    await order.reach(7)
    assert.deepEqual(order.items, ['c', 'a', 'p1', 'p9', 'p5', 'p5 again', 'b'])
  })

  await work('progress, logs, data that change, and events to who made the job', async () => {
    const queue = queueOf('events')
    const events = await eventsOf('events')
    const seen = collect()
    for (const event of ['added', 'waiting', 'active', 'progress', 'completed', 'drained']) events.on(event, (fields) => seen.add(event, fields))
    workerOf('events', async (job) => {
      await job.log('begun')
      await job.updateProgress({ percent: 50 })
      await job.updateData({ ...job.data, seen: true })
      await job.log('ended')
      return [null, 'ü', 1.5]
    })
    const job = await queue.add('job', { text: '\0\r\n"ü' })
    assert.deepEqual(await job.waitUntilFinished(events), [null, 'ü', 1.5])
    await seen.reach(6)
    assert.deepEqual(seen.items.map(([event]) => event), ['added', 'waiting', 'active', 'progress', 'completed', 'drained'])
    assert.deepEqual(seen.items[0][1], { jobId: job.id, name: 'job' })
    assert.deepEqual(seen.items[3][1], { jobId: job.id, data: { percent: 50 } })
    assert.deepEqual(seen.items[4][1], { jobId: job.id, returnvalue: [null, 'ü', 1.5], prev: 'active' })
    const done = await queue.getJob(job.id)
    assert.deepEqual([done.data, done.progress, done.returnvalue], [{ text: '\0\r\n"ü', seen: true }, { percent: 50 }, [null, 'ü', 1.5]])
    assert.deepEqual(await queue.getJobLogs(job.id), { logs: ['begun', 'ended'], count: 2 })
    await queue.trimEvents(0)
    assert.equal(await ask('XLEN', 'bull:events:events'), 0)
  })

  await work('a job that fails, and is tried again by hand', async () => {
    const queue = queueOf('failing')
    const events = await eventsOf('failing')
    let willing = false
    workerOf('failing', async () => {
      if (!willing) throw new Error('on purpose')
      return 'well'
    })
    const jobs = await queue.addBulk(numbers(5).map(() => ({ name: 'job', data: {} })))
    await assert.rejects(jobs[0].waitUntilFinished(events), { message: 'on purpose' })
    await until('all failed', async () => await queue.getFailedCount() === 5)
    const failed = await queue.getJob(jobs[0].id)
    assert.deepEqual([failed.failedReason, failed.attemptsMade], ['on purpose', 1])
    assert.match(failed.stacktrace[0], /^Error: on purpose\n/)
    willing = true
    await failed.retry()
    await until('done', () => failed.isCompleted())
    await assert.rejects(failed.retry(), { message: `Job ${failed.id} is not in the failed state. reprocessJob` })
    await queue.retryJobs({ count: 2 })
    await until('all done', async () => await queue.getCompletedCount() === 5)
  })

  for (const [type, pauses] of [['immediate', [0, 0]], ['fixed', [40, 40]], ['exponential', [30, 60]], ['own', [1, 50]]]) {
    await work(`a job is tried again, with the back-off ${type}`, async () => {
      const queue = queueOf(`retried ${type}`)
      const events = await eventsOf(queue.name)
      const attempts = []
      workerOf(queue.name, async () => {
        attempts.push(Date.now())
        if (attempts.length <= 2) throw new Error(`attempt ${attempts.length}`)
        return attempts.length
      }, { settings: { backoffStrategy: (attempts) => pauses[attempts - 1] } })
      const job = await queue.add('job', {}, { attempts: 3, backoff: type === 'immediate' ? undefined : { type, delay: pauses[0] } })
      assert.equal(await job.waitUntilFinished(events), 3)
      for (const [i, pause] of pauses.entries()) assert.ok(attempts[i + 1] - attempts[i] >= pause, attempts)
      assert.equal((await queue.getJob(job.id)).stacktrace.length, 2)
    })
  }

  await work('a job that cannot recover is not tried again', async () => {
    const queue = queueOf('unrecoverable')
    const events = await eventsOf('unrecoverable')
    workerOf('unrecoverable', async () => { throw new UnrecoverableError('for ever') })
    const job = await queue.add('job', {}, { attempts: 5, backoff: 10 })
    await assert.rejects(job.waitUntilFinished(events), { message: 'for ever' })
    assert.equal((await queue.getJob(job.id)).attemptsMade, 1)
  })

  await work('jobs for later are done in the order of their times', async () => {
    const queue = queueOf('later')
    const done = collect()
    const worker = workerOf('later', async ({ name }) => done.add(name, Date.now()))
    await worker.waitUntilReady()
    const before = Date.now()
    const later = await queue.add('in an hour', {}, { delay: hour })
    await queue.addBulk([['third', 120], ['first', 60], ['second', 90]].map(([name, delay]) => ({ name, data: {}, opts: { delay } })))
    await done.reach(3)
    assert.deepEqual(done.items.map(([name]) => name), ['first', 'second', 'third'])
    for (const [i, delay] of [60, 90, 120].entries()) assert.ok(done.items[i][1] - before >= delay)
    assert.equal(await later.getState(), 'delayed')
    await later.changeDelay(2 * hour)
    assert.equal(Math.round((await ask('ZSCORE', 'bull:later:delayed', later.id) / 0x1000 - Date.now()) / hour), 2)
    await later.promote()
    await done.reach(4)
    await assert.rejects(later.promote(), { message: `Job ${later.id} is not in the delayed state. promote` })
    await queue.addBulk(numbers(5).map(() => ({ name: 'promoted', data: {}, opts: { delay: hour } })))
    await queue.promoteJobs()
    await done.reach(9)
  })

  await work('a job puts itself off', async () => {
    const queue = queueOf('steps')
    const events = await eventsOf('steps')
    const steps = []
    workerOf('steps', async (job, token) => {
      steps.push(job.data.step)
      if (job.data.step === 2) return 'at last'
      await job.updateData({ step: job.data.step + 1 })
      await job.moveToDelayed(Date.now() + 20, token)
      throw new DelayedError()
    })
    const job = await queue.add('job', { step: 0 })
    assert.equal(await job.waitUntilFinished(events), 'at last')
    assert.deepEqual(steps, [0, 1, 2])
  })

  await work('a job is repeated as often as it is told', async () => {
    const queue = queueOf('repeated')
    const done = collect()
    workerOf('repeated', async ({ data, opts, name }) => done.add(name, data.n, opts.repeat.count))
    await queue.upsertJobScheduler('often', { every: 40, limit: 3 }, { name: 'tick', data: { n: 5 } })
    await done.reach(3)
    assert.deepEqual(done.items, [['tick', 5, 1], ['tick', 5, 2], ['tick', 5, 3]])
    await until('no job is left', async () => await queue.getDelayedCount() + await queue.getActiveCount() + await queue.getWaitingCount() === 0)
  })

  await work('what is repeated by a calendar is listed, changed and removed', async () => {
    const queue = queueOf('calendar')
    await queue.upsertJobScheduler('new year', { pattern: '0 0 1 1 *', tz: 'Europe/Berlin' }, { name: 'a', data: { n: 1 } })
    const first = await queue.upsertJobScheduler('hourly', { every: hour, offset: 1000 }, { name: 'b' })
    assert.equal(await queue.getJobSchedulersCount(), 2)
    const found = await queue.getJobScheduler('new year')
    assert.deepEqual([found.name, found.pattern, found.tz, found.template.data], ['a', '0 0 1 1 *', 'Europe/Berlin', { n: 1 }])
    assert.ok(found.next > Date.now())
    assert.deepEqual((await queue.getJobSchedulers(0, -1, true)).map(({ key }) => key).sort(), ['hourly', 'new year'])
    await assert.rejects(first.remove(), { message: `Job ${first.id} belongs to a job scheduler and cannot be removed directly. removeJob` })
    await queue.upsertJobScheduler('hourly', { every: 2 * hour }, { name: 'b', data: { changed: true } })
    assert.equal((await queue.getJobScheduler('hourly')).every, 2 * hour)
    assert.deepEqual([await queue.removeJobScheduler('hourly'), await queue.removeJobScheduler('hourly')], [true, false])
    assert.equal(await queue.getJobSchedulersCount(), 1)
    assert.equal(await queue.getDelayedCount(), 1)
  })

  // abandon lets a worker take the next job, and die: its lock ends, and it is there no more.
  const abandon = async (name) => {
    const dying = workerOf(name, null, { lockDuration: 30, autorun: false })
    const job = await dying.getNextJob('of somebody who died')
    await until('without a lock', async () => await ask('EXISTS', `bull:${name}:${job.id}:lock`) === 0)
    return job
  }

  await work('a job of a worker that died is done by another', async () => {
    const queue = queueOf('stalled')
    const events = await eventsOf('stalled')
    const { id } = await queue.add('job', { n: 7 })
    const job = await abandon('stalled')
    assert.equal(job.id, id)
    await assert.rejects(job.moveToCompleted('too late', 'of somebody who died'), { message: `Missing lock for job ${id}. moveToFinished` })
    const stalled = collect()
    const worker = workerOf('stalled', async ({ data }) => data.n, { stalledInterval: 40 })
    worker.on('stalled', stalled.add)
    assert.equal(await job.waitUntilFinished(events), 7)
    await until('stalled', () => stalled.items.length > 0)
    assert.equal((await queue.getJob(id)).stalledCounter, 1)
  })

  await work('a job of which workers die is given up', async () => {
    const queue = queueOf('given up')
    const { id } = await queue.add('job', {})
    await abandon('given up')
    const failed = collect()
    const worker = workerOf('given up', async () => 'never', { stalledInterval: 40, maxStalledCount: 0 })
    worker.on('failed', (job, error) => failed.add(job.id, error.message))
    await failed.reach(1)
    assert.deepEqual(failed.items, [[id, 'job stalled more than allowable limit']])
    assert.equal(await queue.getJobState(id), 'failed')
  })

  await work('a job is locked by who works on it', async () => {
    const queue = queueOf('locked')
    const { id } = await queue.add('job', {})
    const worker = workerOf('locked', null, { autorun: false })
    const job = await worker.getNextJob('mine')
    const same = await queue.getJob(id)
    assert.equal(await ask('GET', `bull:locked:${id}:lock`), 'mine')
    await assert.rejects(same.moveToCompleted('stolen', 'yours'), { message: `Lock mismatch for job ${id}. Cmd moveToFinished from active` })
    await assert.rejects(same.remove(), { message: `Job ${id} could not be removed because it is locked by another worker` })
    assert.deepEqual([await same.extendLock('yours', hour), await job.extendLock('mine', hour)], [0, 1])
    assert.ok(await ask('PTTL', `bull:locked:${id}:lock`) > hour / 2)
    await job.moveToWait('mine')
    assert.equal(await job.getState(), 'waiting')
    const again = await worker.getNextJob('again')
    await again.moveToCompleted('well', 'again', false)
    assert.equal((await queue.getJob(id)).returnvalue, 'well')
    await assert.rejects(again.moveToCompleted('twice', 'again', false), { message: `Missing lock for job ${id}. moveToFinished` })
    await queue.remove(id)
    await assert.rejects(again.moveToCompleted('gone', 'again', false), { message: `Missing key for job ${id}. moveToFinished` })
  })

  await work('a lock is prolonged while the job is worked on', async () => {
    const queue = queueOf('prolonged')
    const events = await eventsOf('prolonged')
    let end
    const renewed = collect()
    const worker = workerOf('prolonged', () => new Promise((resolve) => { end = resolve }), { lockDuration: hour, lockRenewTime: 20 })
    worker.on('locksRenewed', ({ jobIds }) => renewed.add(...jobIds))
    const job = await queue.add('job', {})
    const lock = `bull:prolonged:${job.id}:lock`
    await until('started', () => end)
    await ask('PEXPIRE', lock, hour / 2)
    await until('prolonged', async () => await ask('PTTL', lock) > hour / 2)
    await renewed.reach(1)
    assert.equal(renewed.items[0], job.id)
    end('well')
    assert.equal(await job.waitUntilFinished(events), 'well')
    assert.equal(await ask('EXISTS', lock), 0)
  })

  await work('a limiter lets two jobs through in a while', async () => {
    const queue = queueOf('limited')
    const done = collect()
    await queue.addBulk(numbers(5).map((n) => ({ name: 'job', data: { n } })))
    const before = Date.now()
    workerOf('limited', async ({ data }) => done.add(data.n, Date.now() - before), { concurrency: 5, limiter: { max: 2, duration: 120 } })
    await done.reach(5)
    assert.deepEqual(sorted(done.items.map(([n]) => n)), numbers(5))
    const times = sorted(done.items.map(([, time]) => time))
    assert.ok(times[2] >= 110 && times[4] >= 220, times)
  })

  await work('a limit that the queue has', async () => {
    const queue = queueOf('limits')
    await queue.setGlobalRateLimit(1, hour)
    assert.deepEqual(await queue.getGlobalRateLimit(), { max: 1, duration: hour })
    const done = collect()
    const work = async ({ data }) => done.add(data.n)
    const worker = workerOf('limits', work)
    await queue.addBulk(numbers(3).map((n) => ({ name: 'job', data: { n } })))
    await until('limited', async () => await queue.getRateLimitTtl() > hour / 2 && await queue.getWaitingCount() === 2)
    assert.deepEqual(done.items, [0])
    await worker.close(true) // it sleeps until the limit ends
    await queue.removeGlobalRateLimit()
    assert.equal(await queue.removeRateLimitKey(), 1)
    workerOf('limits', work)
    await done.reach(3)
  })

  await work('a job that asks for a pause', async () => {
    const queue = queueOf('pause')
    const done = collect()
    let askedAt
    const worker = workerOf('pause', async ({ data }) => {
      if (data.n === 1 && !askedAt) {
        askedAt = Date.now()
        await worker.rateLimit(60)
        throw new RateLimitError()
      }
      done.add(data.n, Date.now())
    })
    await queue.addBulk(numbers(3).map((n) => ({ name: 'job', data: { n } })))
    await done.reach(3)
    assert.deepEqual(done.items.map(([n]) => n), [0, 1, 2])
    assert.ok(done.items[1][1] - askedAt >= 50, done.items)
  })

  await work('no more jobs at a time than the queue allows', async () => {
    const queue = queueOf('narrow')
    await queue.setGlobalConcurrency(2)
    assert.equal(await queue.getGlobalConcurrency(), 2)
    const pair = crowd(2)
    for (let i = 0; i < 2; i++) workerOf('narrow', () => pair(), { concurrency: 4 })
    await queue.addBulk(numbers(12).map(() => ({ name: 'job', data: {} })))
    await until('all done', async () => await queue.getCompletedCount() === 12)
    assert.equal(await queue.isMaxed(), false)
    await queue.removeGlobalConcurrency()
    assert.equal(await queue.getGlobalConcurrency(), null)
  })

  await work('a queue is paused, and goes on', async () => {
    const queue = queueOf('paused')
    const done = collect()
    await queue.pause()
    workerOf('paused', async ({ data }) => done.add(data.n))
    await queue.add('job', { n: 1 })
    const front = await queue.add('job', { n: 2 }, { lifo: true })
    assert.deepEqual([await queue.isPaused(), await front.getState(), await queue.getWaitingCount()], [true, 'waiting', 2])
    await queue.resume()
    await done.reach(2)
    assert.deepEqual(done.items, [2, 1])
  })

  await work('of many jobs alike there is one', async () => {
    const queue = queueOf('alike')
    const events = await eventsOf('alike')
    const seen = collect()
    for (const event of ['duplicated', 'deduplicated']) events.on(event, ({ jobId }) => seen.add(event, jobId))
    await queue.add('job', { n: 1 }, { jobId: 'own' })
    await queue.add('job', { n: 2 }, { jobId: 'own' })
    assert.equal((await queue.getJob('own')).data.n, 1)

    const first = await queue.add('job', { n: 3 }, { deduplication: { id: 'same' } })
    assert.equal((await queue.add('job', { n: 4 }, { deduplication: { id: 'same' } })).id, first.id)
    assert.equal(await queue.getDeduplicationJobId('same'), first.id)
    await seen.reach(2)
    assert.deepEqual(seen.items, [['duplicated', 'own'], ['deduplicated', first.id]])

    const waits = (n) => queue.add('job', { n }, { delay: hour, deduplication: { id: 'last', ttl: hour, extend: true, replace: true } })
    const [replaced, last] = [await waits(5), await waits(6)]
    assert.equal(await queue.getJob(replaced.id), undefined)
    assert.equal((await queue.getJob(last.id)).data.n, 6)

    await first.removeDeduplicationKey()
    assert.notEqual((await queue.add('job', {}, { deduplication: { id: 'same' } })).id, first.id)
  })

  await work('what is done is kept as long as it is told, and counted', async () => {
    const queue = queueOf('kept')
    const events = await eventsOf('kept')
    workerOf('kept', async ({ name }) => {
      if (name === 'fails') throw new Error(name)
    }, { metrics: { maxDataPoints: 10 } })
    const add = async (name, opts) => (await queue.add(name, {}, opts)).waitUntilFinished(events)
    await add('gone', { removeOnComplete: true })
    for (let i = 0; i < 5; i++) await add('two', { removeOnComplete: 2 })
    for (let i = 0; i < 3; i++) await assert.rejects(add('fails', { removeOnFail: { count: 1, age: hour } }), { message: 'fails' })
    assert.deepEqual(await queue.getJobCounts('completed', 'failed'), { completed: 2, failed: 1 })
    assert.equal((await queue.getMetrics('completed')).meta.count, 6)
    assert.equal((await queue.getMetrics('failed')).meta.count, 3)
    assert.match(await queue.exportPrometheusMetrics(), /bullmq_job_count\{queue="kept", state="completed"\} 2/)
  })

  await work('jobs are cleaned, removed, and the queue with all of them', async () => {
    const queue = queueOf('cleaned')
    const jobs = await queue.addBulk(numbers(30).map((n) => ({ name: 'job', data: { n }, opts: { delay: n < 10 ? hour : 0, priority: n >= 20 ? n : 0 } })))
    await jobs[0].remove()
    assert.equal(await queue.getJob(jobs[0].id), undefined)
    assert.equal((await queue.clean(-1000, 3, 'delayed')).length, 3)
    assert.equal((await queue.clean(-1000, 4, 'wait')).length, 4)
    assert.equal((await queue.clean(-1000, 5, 'prioritized')).length, 5)
    assert.deepEqual(await queue.getJobCounts('delayed', 'wait', 'prioritized'), { delayed: 6, wait: 6, prioritized: 5 })
    assert.deepEqual((await queue.getJobs(['wait'], 0, 1, true)).map(({ data }) => data.n), [14, 15])
    await queue.drain()
    assert.deepEqual(await queue.getJobCounts('delayed', 'wait', 'prioritized'), { delayed: 6, wait: 0, prioritized: 0 })
    await queue.drain(true)
    assert.equal(await queue.count(), 0)
    await ask('HSET', 'bull:cleaned:lost', 'name', 'lost', 'timestamp', 1)
    assert.equal(await queue.removeOrphanedJobs(), 1)
    await queue.addBulk(numbers(25).map((n) => ({ name: 'job', data: { n } })))
    await workerOf('cleaned', null, { autorun: false }).getNextJob('mine')
    await assert.rejects(queue.obliterate(), /Cannot obliterate queue with active jobs/)
    await queue.obliterate({ force: true, count: 10 })
    assert.deepEqual(await ask('KEYS', 'bull:cleaned:*'), [])
  })

  await work('a flow: parents wait for their children', async () => {
    const producer = flows()
    const order = collect()
    const child = (name, data, children) => ({ name, queueName: 'children', data, children })
    const tree = await producer.add({
      name: 'root', queueName: 'parents', data: {},
      children: [child('sum', {}, [child('leaf', { n: 1 }), child('leaf', { n: 2 }), child('leaf', { n: 3 })]), child('leaf', { n: 10 })],
    })
    assert.equal(await tree.job.getState(), 'waiting-children')
    assert.deepEqual(await tree.job.getDependenciesCount(), { failed: 0, ignored: 0, processed: 0, unprocessed: 2 })
    const stored = await producer.getFlow({ id: tree.job.id, queueName: 'parents' })
    assert.deepEqual(stored.children.map(({ job, children }) => [job.name, children?.length ?? 0]).sort(), [['leaf', 0], ['sum', 3]])

    const add = async (job) => Object.values(await job.getChildrenValues()).reduce((a, b) => a + b, 0)
    const events = await eventsOf('parents')
    workerOf('children', async (job) => {
      order.add(job.name)
      return job.name === 'leaf' ? job.data.n : add(job)
    }, { concurrency: 2 })
    workerOf('parents', async (job) => {
      order.add(job.name)
      return add(job)
    })
    assert.equal(await tree.job.waitUntilFinished(events), 16)
    assert.deepEqual([order.items.length, order.items.at(-1), order.items.filter((name) => name === 'leaf').length], [6, 'root', 4])
    const { processed, unprocessed } = await tree.job.getDependencies()
    assert.deepEqual([sorted(Object.values(processed)), unprocessed], [[6, 10], []])
    const page = await queueOf('parents').getDependencies(tree.job.id, 'processed', 0, -1)
    assert.deepEqual([page.total, sorted(page.items.map(({ v }) => v))], [2, [6, 10]])
  })

  await work('a flow: what the failure of a child does to its parent', async () => {
    const producer = flows()
    const parents = queueOf('parents of failures')
    const events = await eventsOf('parents of failures')
    workerOf('failures', async ({ name }) => {
      if (name === 'fails') throw new Error('on purpose')
      return 'well'
    })
    const seen = collect()
    workerOf('parents of failures', async (job) => {
      seen.add(job.name)
      return Object.values(await job.getIgnoredChildrenFailures())
    })
    const kinds = ['failParentOnFailure', 'ignoreDependencyOnFailure', 'removeDependencyOnFailure', 'continueParentOnFailure']
    const trees = await producer.addBulk(kinds.map((kind) => ({
      name: kind, queueName: 'parents of failures',
      children: [{ name: 'fails', queueName: 'failures', opts: { [kind]: true } }, { name: 'succeeds', queueName: 'failures' }],
    })))
    const [fails, ...others] = trees.map(({ job }) => job.waitUntilFinished(events))
    const bull = (id) => `child bull:failures:${id} failed`
    await assert.rejects(fails, { message: bull(trees[0].children[0].job.id) })
    const ignored = await Promise.all(others)
    assert.deepEqual(ignored, [['on purpose'], [], ['on purpose']])
    assert.deepEqual(seen.items.sort(), kinds.slice(1).sort())
    assert.equal(await parents.getFailedCount(), 1)
  })

  await work('a flow: a job makes children while it runs, and waits for them', async () => {
    const queue = queueOf('steps of children')
    const events = await eventsOf('steps of children')
    workerOf('made', async ({ data }) => data.n * 2)
    workerOf('steps of children', async (job, token) => {
      if (!job.data.asked) {
        for (let n = 1; n <= 3; n++) await made.add('job', { n }, { parent: { id: job.id, queue: job.queueQualifiedName } })
        await job.updateData({ asked: true })
        if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError()
      }
      return sorted(Object.values(await job.getChildrenValues()))
    })
    const made = queueOf('made')
    const job = await queue.add('job', {})
    assert.deepEqual(await job.waitUntilFinished(events), [2, 4, 6])
  })

  await work('a flow: children are removed with their parent, or let it go', async () => {
    const producer = flows()
    const leaf = (queueName) => ({ name: 'leaf', queueName })
    const { job, children } = await producer.add({ name: 'root', queueName: 'removed', children: [leaf('removed leaves'), leaf('removed leaves'), leaf('removed leaves')] })
    const leaves = queueOf('removed leaves')
    assert.equal(await children[0].job.removeChildDependency(), true)
    assert.deepEqual(await job.getDependenciesCount({ unprocessed: true }), { unprocessed: 2 })
    await job.removeUnprocessedChildren()
    assert.equal(await leaves.getWaitingCount(), 1)
    assert.equal(await job.getState(), 'waiting')
    const other = await producer.add({ name: 'root', queueName: 'removed', children: [leaf('removed leaves')] })
    await other.job.remove({ removeChildren: true })
    assert.equal(await leaves.getWaitingCount(), 1)
    await assert.rejects(leaves.add('orphan', {}, { parent: { id: 'nosuch', queue: 'bull:removed' } }), { message: 'Missing key for parent job bull:removed:nosuch. addJob' })
  })

  await work('who works on a queue and listens to it is known', async () => {
    const queue = queueOf('known')
    const worker = workerOf('known', async () => {}, { name: 'ant' })
    await Promise.all([worker.waitUntilReady(), eventsOf('known')])
    await until('one worker', async () => await queue.getWorkersCount() === 1)
    assert.equal((await queue.getWorkers())[0].rawname, `bull:${Buffer.from('known').toString('base64')}:w:ant`)
    await until('one listener', async () => (await queue.getQueueEvents()).length === 1)
  })

  await work('a relay takes messages to all who wait for them', async () => {
    const [here, there] = [1, 2].map((n) => opened(new Relay(options({ nodeId: `node-${n}`, heartbeatInterval: 20 }))))
    const [near, far, once] = [collect(), collect(), collect()]
    const all = await here.subscribe('jobs.>', ({ topic, data }) => near.add(topic, data))
    await there.subscribe('jobs.*.done', ({ topic, data }) => far.add(topic, data))
    assert.deepEqual(await here.getCounts().then(({ nodes, subscriptions }) => [nodes, subscriptions]), [2, 2])
    await there.publish('jobs.1.done', { n: 1 }, { retain: hour })
    await there.publish('jobs.1.begun', [2])
    await here.publish('jobs.2.done', 'ü')
    await near.reach(3)
    await far.reach(2)
    assert.deepEqual(near.items, [['jobs.1.done', { n: 1 }], ['jobs.1.begun', [2]], ['jobs.2.done', 'ü']])
    assert.deepEqual(far.items, [['jobs.1.done', { n: 1 }], ['jobs.2.done', 'ü']])
    await here.subscribe('jobs.1.done', ({ data, retained }) => once.add(data, retained))
    await once.reach(1)
    assert.deepEqual(once.items, [[{ n: 1 }, true]])
    assert.deepEqual([await here.deleteRetained('jobs.1.done'), await here.deleteRetained('jobs.1.done')], [true, false])
    await all.unsubscribe()
    assert.equal((await here.getSubscriptions()).length, 2)
  })

  await work('scripts that the server has forgotten are sent again', async () => {
    const queue = queueOf('again')
    await queue.add('job', {})
    await ask('SCRIPT', 'FLUSH')
    if (client === 'ioredis') await queue.addBulk(numbers(9).map(() => ({ name: 'job', data: {} })))
    else for (let i = 0; i < 9; i++) await queue.add('job', {}) // its transactions fail without the scripts, with Redis as well
    workerOf('again', () => ask('SCRIPT', 'FLUSH')) // one at a time: ioredis sends a script again once only
    await until('all done', async () => await queue.getCompletedCount() === 10)
  })

  await work('an error within a script reaches who called it', async () => {
    const queue = queueOf('wrong')
    await queue.waitUntilReady()
    await ask('SET', 'bull:wrong:wait', 'x')
    await assert.rejects(queue.add('job', { n: 1 }), { message: /^WRONGTYPE Operation against a key holding the wrong kind of value script: [0-9a-f]{40}, on @user_script:\d+\.$/ })
    assert.equal(await ask('HGET', 'bull:wrong:1', 'data'), '{"n":1}', 'what was done before the error stays')
    await assert.rejects(queue.add('job', 'x'.repeat(100), { sizeLimit: 50 }), /exceeds the limit 50 bytes/)
  })

  await work('goes on after CLIENT KILL', async () => {
    const queue = queueOf('killed')
    const done = collect()
    workerOf('killed', async ({ data }) => done.add(data.n))
    await queue.add('job', { n: 1 })
    await done.reach(1)
    const name = ` name=bull:${Buffer.from('killed').toString('base64')} `
    const waits = async () => (await ask('CLIENT', 'LIST')).split('\n').filter((line) => line.includes(name) && line.includes(' cmd=bzpopmin ')).map((line) => clientInfo(line).id)
    await until('blocked', async () => (await waits()).length === 1)
    const [id] = await waits()
    await ask('CLIENT', 'KILL', 'ID', id)
    await within('the second', queue.add('job', { n: 2 }))
    await done.reach(2)
    assert.deepEqual(done.items, [1, 2])
  })
}
