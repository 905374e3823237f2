// `backup --media` and `restore --media`: the files of results go with the store and come back with it.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../support/gateway.ts'
import { ask, cleanUpAfterwards, newFolder, serving, tollgate } from './command.ts'

cleanUpAfterwards()

const publicUrl = 'https://gate.example'
const env = { PUBLIC_URL: publicUrl }
const listed = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile()).length

test('what a backup takes along beside a serving gateway is put back, and served again', async () => {
  const folder = newFolder()
  const [root, copy] = [join(folder, 'data/media'), join(folder, 'b.db')]
  const gateway = await serving(folder, ['serve', '--sandbox'], { env })
  const run = async (...args: string[]) => await tollgate(folder, args, { env })
  const { json: account } = await run('accounts', 'create', 'Ann', '--credits', '100', '--json')
  const { key } = (await run('keys', 'create', account.id, '--json')).json
  const order = { model_id: 'gpt-image-2', prompt: 'a heron' }
  const { data } = await ask(`${gateway.url}/api/v1/tasks/create`, key, order)
  const task = await until(
    async () => (await ask(`${gateway.url}/api/v1/tasks/${data.task_id}`, key)).data,
    ({ image_url }) => String(image_url).startsWith(publicUrl),
  )
  const { pathname } = new URL(task.image_url)

  const plain = await run('backup', join(folder, 'plain.db'))
  expect(plain.said).toContain('Copy the files of results with backup --media')
  const made = await run('backup', copy, '--media', '--json')
  expect(made).toMatchObject({
    code: 0,
    json: {
      file: copy,
      not_in_it: [join(folder, 'data/sealing.key')],
      media: { folder: `${copy}.media`, missing: 0, missing_names: [], in_bucket: 0 },
    },
  })
  expect(made.json.media.files).toBe(listed(`${copy}.media`))
  expect(made.json.media.files).toBeGreaterThan(0)
  // Neither is ever replaced, whichever is there.
  const again = await run('backup', copy, '--media')
  expect(again).toMatchObject({ code: 1, said: expect.stringContaining(`${copy} exists already`) })
  mkdirSync(join(folder, 'c.db.media'))
  const half = await run('backup', join(folder, 'c.db'), '--media')
  expect(half).toMatchObject({ code: 1, said: expect.stringContaining('c.db.media exists already') })
  expect(existsSync(join(folder, 'c.db'))).toBe(false)
  expect(readdirSync(folder).filter((name) => name.includes('copying'))).toEqual([])

  gateway.kill('SIGTERM')
  await gateway.ended
  rmSync(root, { recursive: true })
  const { files } = made.json.media
  const holed = await run('backup', join(folder, 'holed.db'), '--media')
  expect(holed).toMatchObject({
    code: 1,
    said: expect.stringContaining(`${files} files are not where the store says`),
  })
  expect(existsSync(join(folder, 'holed.db'))).toBe(true)

  const without = await run('restore', copy)
  expect(without).toMatchObject({
    code: 0,
    said: expect.stringContaining(
      `${files} files of results that the copy speaks of are not in DATA_DIR/media`,
    ),
  })
  expect((await run('restore', join(folder, 'plain.db'), '--media')).said).toContain(
    `There is no folder ${join(folder, 'plain.db.media')}`,
  )
  const dry = await run('restore', copy, '--media', '--dry-run', '--json')
  expect(dry.json.media).toMatchObject({ put_back: 0, missing: files })
  const restored = await run('restore', copy, '--media', '--json')
  expect(restored).toMatchObject({ code: 0, json: { media: { put_back: files, missing: 0, in_bucket: 0 } } })
  expect(listed(root)).toBe(files)

  const next = await serving(folder, ['serve', '--sandbox'], { env })
  const served = await fetch(`${next.url}${pathname}`)
  expect(served.status).toBe(200)
  expect(served.headers.get('content-type')).toMatch(/^image\//)
  next.kill('SIGTERM')
  await next.ended

  writeFileSync(
    join(folder, 'tollgate.yaml'),
    'media: { store: s3, endpoint: "http://127.0.0.1:1", bucket: results, region: x, access_key_id: a, secret_access_key: b }\n',
  )
  const s3 = await run('backup', join(folder, 's3.db'), '--media')
  expect(s3.said).toContain('0 files of results are in the bucket results and are not copied')
})
