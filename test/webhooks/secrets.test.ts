// Secrets: sealed with a key beside the store, shown once, and followed by another without a gap.
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  keyFileIn,
  makeKey,
  readKey,
  seal,
  sealingKeyOf,
  unseal,
} from '../../src/webhooks/signing/sealing.ts'
import { renewSecret, signingSecrets } from '../../src/webhooks/signing/secrets.ts'
import { newFolder } from '../support/folder.ts'
import { openWebhookHarness } from './webhook-harness.ts'

const hourMs = 60 * 60_000

test('the key is made once, whole, and for nobody but us', async () => {
  const folder = join(newFolder(), 'not', 'there', 'yet')
  const keys = await Promise.all(Array.from({ length: 8 }, async () => makeKey(folder).toString('hex')))
  expect(new Set(keys).size).toBe(1)
  expect(readKey(folder).toString('hex')).toBe(keys[0])
  expect(statSync(keyFileIn(folder)).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder)).toEqual(['sealing.key'])
})

test('what was sealed opens with its key for its account, and in no other way', () => {
  const [key, other] = [makeKey(newFolder()), makeKey(newFolder())]
  const sealed = seal(key, 'acc_1', 'whsec_canary')
  expect(sealed).not.toContain('canary')
  expect(seal(key, 'acc_1', 'whsec_canary')).not.toBe(sealed)
  expect(unseal(key, 'acc_1', sealed)).toBe('whsec_canary')
  expect(() => unseal(key, 'acc_2', sealed)).toThrow('does not open')
  expect(() => unseal(other, 'acc_1', sealed)).toThrow('another sealing key')
  const at = sealed.length - 3
  const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
  expect(() => unseal(key, 'acc_1', changed)).toThrow('does not open')
})

test('the secret stands in no file of the store, also where it was just made', async () => {
  const { domain, caller } = await openWebhookHarness()
  const { secret } = await renewSecret(domain.ctx, caller.accountId)
  const key = sealingKeyOf(domain.ctx.config).toString('base64')
  const bytes = await domain.store.bytes()
  // That the bytes are there to be found.
  expect(bytes.includes(caller.accountId)).toBe(true)
  for (const canary of [secret, secret.slice(6), Buffer.from(secret.slice(6), 'base64'), key]) {
    expect(bytes.includes(canary)).toBe(false)
  }
})

test('two first needs at once make one secret', async () => {
  const { domain, caller } = await openWebhookHarness()
  const needs = await Promise.all(
    Array.from({ length: 8 }, () => signingSecrets(domain.ctx, caller.accountId)),
  )
  expect(new Set(needs.flat()).size).toBe(1)
})

test('a new secret signs first, and the old ones beside it for a day', async () => {
  const { domain, caller } = await openWebhookHarness()
  const renew = async () => await renewSecret(domain.ctx, caller.accountId)
  const signing = async () => await signingSecrets(domain.ctx, caller.accountId)
  const first = await renew()
  expect(first.olderUntil).toBeNull()
  const second = await renew()
  expect(second.olderUntil).toBe(domain.clock.now() + 24 * hourMs)
  expect(await signing()).toEqual([second.secret, first.secret])
  domain.clock.advance(12 * hourMs)
  // Whoever asks twice does not end the first one's day.
  const third = await renew()
  expect(await signing()).toEqual([third.secret, second.secret, first.secret])
  domain.clock.advance(12 * hourMs)
  expect(await signing()).toEqual([third.secret, second.secret])
  domain.clock.advance(12 * hourMs)
  expect(await signing()).toEqual([third.secret])
})

test('five at once are enough', async () => {
  const { domain, caller } = await openWebhookHarness()
  for (let count = 0; count < 5; count += 1) await renewSecret(domain.ctx, caller.accountId)
  await expect(renewSecret(domain.ctx, caller.accountId)).rejects.toMatchObject({
    type: 'rate_limited',
    retryAfterMs: 24 * hourMs,
  })
  domain.clock.advance(24 * hourMs)
  await renewSecret(domain.ctx, caller.accountId)
})

test('where secrets are sealed, a key that is gone is missed and not made anew', async () => {
  const { domain, caller } = await openWebhookHarness()
  await renewSecret(domain.ctx, caller.accountId)
  const file = keyFileIn(domain.ctx.config.dataDir)
  rmSync(file)
  const other = await domain.account(1)
  await expect(signingSecrets(domain.ctx, caller.accountId)).rejects.toThrow(/cannot be read \(ENOENT\)/)
  await expect(signingSecrets(domain.ctx, other.accountId)).rejects.toThrow(/cannot be read \(ENOENT\)/)
  await expect(renewSecret(domain.ctx, caller.accountId)).rejects.toMatchObject({ type: 'unavailable' })
  expect(existsSync(file)).toBe(false)
})

test('after the key was lost and another put in its place, a new secret makes all well again', async () => {
  const { domain, caller } = await openWebhookHarness()
  await renewSecret(domain.ctx, caller.accountId)
  const file = keyFileIn(domain.ctx.config.dataDir)
  writeFileSync(file, Buffer.alloc(32, 9).toString('base64'))
  await expect(signingSecrets(domain.ctx, caller.accountId)).rejects.toThrow('another sealing key')
  const { secret } = await renewSecret(domain.ctx, caller.accountId)
  expect(await signingSecrets(domain.ctx, caller.accountId)).toEqual([secret])
})
