// Keyv with its adapter for Redis, as createKeyv of @keyv/redis sets it up.

import { createKeyv } from '@keyv/redis'
import { ask, assert, begin, check, finish, until, url } from './check.mjs'

await begin()
const keyv = createKeyv(url)
const users = createKeyv(url, { namespace: 'users' })
const teams = createKeyv(url, { namespace: 'teams' })
for (const one of [keyv, users, teams]) one.throwOnErrors = true

async function entries(one) {
  const found = []
  for await (const [key, value] of one.iterator()) found.push([key, value])
  return found.sort()
}

await check('sets, gets and deletes values of all kinds', async () => {
  for (const [i, value] of ['text', 1.5, true, { nested: [1, { deep: null }] }, [], 'x'.repeat(1 << 20)].entries()) {
    assert.equal(await keyv.set(`kind ${i}`, value), true)
    assert.deepEqual(await keyv.get(`kind ${i}`), value)
  }
  assert.equal(await keyv.get('nosuch'), undefined)
  assert.equal(await keyv.has('kind 0'), true)
  assert.equal(await keyv.delete('kind 0'), true)
  assert.equal(await keyv.delete('kind 0'), false)
  assert.equal(await keyv.has('kind 0'), false)
})

await check('many at once', async () => {
  const all = Array.from({ length: 500 }, (_, i) => ({ key: `many ${i}`, value: i, ttl: i % 2 ? 1000_000 : undefined }))
  await keyv.setMany(all)
  const keys = all.map(({ key }) => key)
  assert.deepEqual(await keyv.get([...keys, 'nosuch']), [...all.map(({ value }) => value), undefined])
  assert.deepEqual([...new Set(await keyv.hasMany(keys))], [true])
  assert.equal(await ask('TTL', 'many 0'), -1)
  assert.ok(await ask('TTL', 'many 1') > 900)
  assert.equal(await keyv.delete(keys), true)
  assert.equal(await ask('EXISTS', ...keys), 0)
})

await check('the server keeps the time to live', async () => {
  await keyv.set('long', 'x', 1000_000)
  const left = await ask('PTTL', 'long')
  assert.ok(left > 900_000 && left <= 1000_000, left)
  await keyv.set('short', 'x', 20)
  await until('expired', async () => await keyv.get('short') === undefined)
  await until('gone', async () => await ask('EXISTS', 'short') === 0)
})

await check('namespaces are apart', async () => {
  await users.set('1', 'alice')
  await teams.set('1', 'red')
  assert.deepEqual([await users.get('1'), await teams.get('1'), await keyv.get('1')], ['alice', 'red', undefined])
  assert.equal(await ask('EXISTS', 'users::1', 'teams::1'), 2)
})

await check('iterates over a namespace', async () => {
  for (let i = 2; i <= 300; i++) await users.set(`${i}`, i)
  const found = await entries(users)
  assert.equal(found.length, 300)
  assert.deepEqual(found[0], ['1', 'alice'])
  assert.deepEqual(await entries(teams), [['1', 'red']])
})

await check('clears a namespace and nothing else', async () => {
  await users.clear()
  assert.deepEqual(await entries(users), [])
  assert.equal(await teams.get('1'), 'red')
  assert.equal(await keyv.get('long'), 'x')
})

await check('clears all where it is told so', async () => {
  const all = createKeyv(url, { noNamespaceAffectsAll: true })
  await all.set('one', 1)
  await all.clear()
  assert.equal(await ask('DBSIZE'), 0)
  await all.disconnect()
})

await check('goes on after CLIENT KILL', async () => {
  await keyv.set('alive', 'yes')
  keyv.throwOnErrors = false
  keyv.on('error', () => {})
  const client = await keyv.store.getClient()
  await ask('CLIENT', 'KILL', 'ID', await client.clientId())
  await until('connected again', async () => await keyv.get('alive') === 'yes')
})

await check('disconnects', async () => {
  for (const one of [keyv, users, teams]) await one.disconnect()
  await until('alone', async () => (await ask('CLIENT', 'LIST')).trim().split('\n').length === 1)
})

finish()
