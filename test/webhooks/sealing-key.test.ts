// A sealing key that is configured: the right one is needed to start, and secrets of the key file are taken along.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { signingSecrets } from '../../src/webhooks/signing/secrets.ts'
import { newFolder } from '../support/folder.ts'
import { startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import type { TestStore } from '../support/stores/dialect.ts'
import { newStoreUrl, openTestStore } from '../support/test-store.ts'

const newKey = (): string => randomBytes(32).toString('base64')

interface Place {
  readonly store: TestStore
  readonly dataDir: string
}

const newPlace = (): Place => ({ store: openTestStore(newStoreUrl()), dataDir: newFolder() })

interface Start extends Place {
  /** Null: the file. */
  readonly key: string | null
  readonly newSealingKey?: boolean
  readonly onLog?: (line: string) => void
}

async function start({ store, dataDir, key, newSealingKey = false, onLog }: Start): Promise<Gateway> {
  const env = { DATA_DIR: dataDir, SEALING_KEY: key ?? '' }
  const gateway = await startGateway({ store, env, newSealingKey, ...(onLog && { onLog }) })
  onTestFinished(async () => await gateway.stop())
  return gateway
}

/** A customer's secret, in a store whose gateway has stopped. */
async function secretIn(place: Place, key: string | null) {
  const gateway = await start({ ...place, key })
  const { accountId, key: clientKey } = await gateway.customer()
  const { json } = await gateway.call('POST', '/api/v1/webhooks/secret', { key: clientKey })
  await gateway.app.stop()
  return { accountId, secret: json.data.secret as string }
}

test('a configured key seals, no file is made, and a start with another one is refused in words', async () => {
  const place = newPlace()
  const key = newKey()
  const { accountId, secret } = await secretIn(place, key)
  expect(existsSync(join(place.dataDir, 'sealing.key'))).toBe(false)
  const refused = start({ ...place, key: newKey() })
  await expect(refused).rejects.toThrow(/^SEALING_KEY: this is not the key that sealed.*--new-sealing-key/)
  const again = await start({ ...place, key })
  expect(await signingSecrets(again.app.ctx, accountId)).toEqual([secret])
})

test('another key is found out at the start also where no secret was sealed yet', async () => {
  const place = newPlace()
  await (await start({ ...place, key: newKey() })).app.stop()
  await expect(start({ ...place, key: newKey() })).rejects.toThrow('SEALING_KEY: this is not the key')
  // Nor is a file made that would hide that the key was lost.
  const without = await start({ ...place, key: null })
  const { key } = await without.customer()
  expect((await without.call('POST', '/api/v1/webhooks/secret', { key })).status).toBe(503)
  expect(existsSync(join(place.dataDir, 'sealing.key'))).toBe(false)
})

test('secrets that the key file sealed are sealed anew with the configured key, while the file is there', async () => {
  const place = newPlace()
  const file = join(place.dataDir, 'sealing.key')
  const { accountId, secret } = await secretIn(place, null)
  const kept = readFileSync(file)
  rmSync(file)
  const key = newKey()
  await expect(start({ ...place, key })).rejects.toThrow('SEALING_KEY: this is not the key')
  writeFileSync(file, kept)
  const gateway = await start({ ...place, key })
  rmSync(file)
  expect(await signingSecrets(gateway.app.ctx, accountId)).toEqual([secret])
  await gateway.app.stop()
  const again = await start({ ...place, key })
  expect(await signingSecrets(again.app.ctx, accountId)).toEqual([secret])
})

test('the key of the file can be the configured one: nothing changes, and back again', async () => {
  const place = newPlace()
  const { accountId, secret } = await secretIn(place, null)
  const rows = async () => await place.store.rows('SELECT sealed FROM webhook_secrets')
  const before = await rows()
  const key = readFileSync(join(place.dataDir, 'sealing.key'), 'utf8').trim()
  for (const given of [key, null]) {
    const gateway = await start({ ...place, key: given })
    expect(await signingSecrets(gateway.app.ctx, accountId)).toEqual([secret])
    await gateway.app.stop()
  }
  expect(await rows()).toEqual(before)
})

test('a file that lies there by chance lets no third key in', async () => {
  const place = newPlace()
  await secretIn(place, newKey())
  writeFileSync(join(place.dataDir, 'sealing.key'), newKey())
  await expect(start({ ...place, key: newKey() })).rejects.toThrow('SEALING_KEY: this is not the key')
})

test('a lost key is given up by --new-sealing-key: others can seal, and who waits is counted in the log', async () => {
  const place = newPlace()
  const { accountId } = await secretIn(place, newKey())
  const key = newKey()
  const lines: string[] = []
  const gateway = await start({ ...place, key, newSealingKey: true, onLog: (line) => lines.push(line) })
  expect(lines.join('')).toMatch(/"accounts":1.*webhooks of these accounts wait/)
  await expect(signingSecrets(gateway.app.ctx, accountId)).rejects.toThrow('another sealing key')
  const other = await gateway.customer()
  expect(await signingSecrets(gateway.app.ctx, other.accountId)).toHaveLength(1)
  await gateway.app.stop()
  await start({ ...place, key })
})

test('without a configured key a start goes on, says that webhooks wait, and makes no key that hides the loss', async () => {
  const place = newPlace()
  await secretIn(place, newKey())
  const lines: string[] = []
  await start({ ...place, key: null, onLog: (line) => lines.push(line) })
  expect(lines.join('')).toContain('webhooks wait, for their secrets cannot be opened')
  expect(existsSync(join(place.dataDir, 'sealing.key'))).toBe(false)
})

test.each(['', 'short', `${newKey()}A`, newKey().slice(1), randomBytes(32).toString('hex')])(
  'a value that is no key is refused and not shown: %s',
  (value) => {
    const load = () => loadConfig({ cwd: newFolder(), env: { SEALING_KEY: value } })
    if (value === '') return expect(load().sealingKey).toBeNull()
    expect(load).toThrow('SEALING_KEY: must be 32 random bytes in base64; openssl rand -base64 32 makes one')
    expect(load).not.toThrow(value)
  },
)
