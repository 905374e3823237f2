// DATA_DIR holds files, wherever the store is.
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { closeContext, createContext } from '../../src/app/context.ts'
import { loadConfig } from '../../src/config/config.ts'
import { createLog } from '../../src/log.ts'
import { newFolder } from '../support/folder.ts'
import { newStoreUrl } from '../support/test-store.ts'

test('a data folder that is missing is made, also where the store lies elsewhere', async () => {
  const env = { KEEVX_API_KEY: 'upstream-key', DATABASE_URL: newStoreUrl() }
  const config = loadConfig({ cwd: newFolder(), env })
  expect(existsSync(config.dataDir)).toBe(false)
  const ctx = await createContext({ config, log: createLog('silent') })
  expect(existsSync(config.dataDir)).toBe(true)
  await closeContext(ctx)
})
