// `tollgate demo`: what it prints is pasted into a shell, word for word, and does what it says.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { until } from '../support/gateway.ts'
import { freePort } from '../support/port.ts'
import { ask, cleanUpAfterwards, newFolder, serving, tollgate } from './command.ts'
import type { Serving } from './command.ts'

cleanUpAfterwards()

const bash = async (command: string) =>
  (await promisify(execFile)('bash', ['-euc', command], { encoding: 'utf8' })).stdout

/** The commands of the instructions, in their order, as somebody would copy them. */
function commandsOf(text: string): string[] {
  return [...text.matchAll(/^curl (?:[^\n]*\\\n)*[^\n]*/gm)].map(([command]) => command)
}

describe('a demo', () => {
  const folder = newFolder()
  let demo: Serving
  let port = ''
  let key = ''
  beforeAll(async () => {
    port = String(await freePort())
    demo = await serving(folder, ['demo'], { env: { PORT: port } })
    await until(demo.stdout, (text) => text.includes('Ctrl-C ends the demo.'))
    key = /sk-[0-9A-Za-z]{32}/.exec(demo.stdout())?.[0] ?? ''
  })

  /** Runs what lists the newest task until it has ended. */
  const newestEnded = async (list: string) =>
    await until(
      async () => {
        // A shell and a curl for each look take more of the machine than the demo does.
        await new Promise((resolve) => setTimeout(resolve, 200))
        return JSON.parse(await bash(list)).data.tasks[0]
      },
      ({ task_status: status }) => status >= 3,
      15_000,
    )

  test('listens where PORT says, and writes nothing but below its data folder', () => {
    expect(demo.url).toBe(`http://127.0.0.1:${port}`)
    expect(readdirSync(folder)).toEqual(['data'])
    expect(readdirSync(join(folder, 'data'))).toEqual(['demo'])
  })

  test('the printed link signs in to the console as that account, once, and the printed token as the operator', async () => {
    const link = new URL(/http\S+#\/link\/\S+/.exec(demo.stdout())?.[0] ?? '')
    expect(link.origin + link.pathname).toBe(`${demo.url}/console/`)
    const signIn = async (proof: object) => {
      const answer = await fetch(`${demo.url}/console/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: demo.url },
        body: JSON.stringify(proof),
      })
      const { data } = (await answer.json()) as { readonly data: unknown }
      return { status: answer.status, data }
    }
    const proof = { link: link.hash.split('/').at(-1) }
    expect(await signIn(proof)).toMatchObject({
      status: 200,
      data: { role: 'customer', account: { name: 'demo' } },
    })
    expect((await signIn(proof)).status).toBe(401)
    const [, secret] = /token\n {2}(\S+)/.exec(demo.stdout()) ?? []
    expect(await signIn({ secret })).toMatchObject({ status: 200, data: { role: 'operator' } })
  })

  test('each printed command, pasted into a shell, does what the words above it say', async () => {
    const [picture, list, failing, ledger, video, ...more] = commandsOf(demo.stdout())
    expect(more).toEqual([])
    if (!picture || !list || !failing || !ledger || !video) throw new Error('a command is missing')
    const answered = await bash(picture)
    expect(answered).toMatch(/\}\n$/)
    const created = JSON.parse(answered)
    // In the language of the terminal, which is English where it says nothing.
    expect(created).toMatchObject({
      code: 200,
      msg: 'Submitted, waiting for generation',
      data: { credits: 15 },
    })
    const made = await newestEnded(list)
    expect(made).toMatchObject({ task_id: created.data.task_id, task_status: 3, task_type: 'image' })
    expect(made.image_url).toMatch(`${demo.url}/media/`)
    const image = await fetch(made.image_url)
    expect(image.headers.get('content-type')).toBe('image/png')
    expect(
      Buffer.from(await image.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG')

    expect(JSON.parse(await bash(failing)).code).toBe(200)
    expect(await newestEnded(list)).toMatchObject({ task_status: 4, credits_refunded: 15, image_url: null })
    const { entries } = JSON.parse(await bash(ledger)).data
    expect(entries.map(({ kind, amount }: any) => [kind, amount])).toEqual([
      ['refund', 15],
      ['charge', -15],
      ['charge', -15],
    ])

    expect(JSON.parse(await bash(video)).code).toBe(200)
    const film = await newestEnded(list)
    expect(film).toMatchObject({ task_status: 3, task_type: 'video' })
    expect((await fetch(film.video_url)).headers.get('content-type')).toBe('video/mp4')
  }, 30_000)

  test('the sandbox behind it calls back when something is made, as Keevx does', async () => {
    const metrics = await (await fetch(`${demo.url}/metrics`)).text()
    expect(
      Number(/tollgate_callbacks_total\{outcome="due"\} (\d+)/.exec(metrics)?.[1]),
    ).toBeGreaterThanOrEqual(3)
  })

  test('the pages that it names open', async () => {
    const pages = [...demo.stdout().matchAll(/http:\S+\/docs[^\s,]*/g)].map(([url]) => url)
    expect(pages).toHaveLength(2)
    for (const url of pages) expect((await fetch(url)).status, url).toBe(200)
  })

  test('a second one beside it is refused, on its port or another, and wipes nothing', async () => {
    const here = await tollgate(folder, ['demo'])
    expect(here).toMatchObject({ code: 1, stdout: '' })
    expect(here.stderr).toMatch(/is being served by another tollgate/)
    const elsewhere = await tollgate(newFolder(), ['demo', '--json'], { env: { PORT: port } })
    expect(elsewhere).toMatchObject({ code: 1, json: { ok: false } })
    expect(elsewhere.stderr).toMatch(/EADDRINUSE.*set PORT to another/)
    const tasks = (await ask(`${demo.url}/api/v1/tasks`, key)).data.tasks
    expect(tasks.length).toBeGreaterThan(0)
  })

  test('it names its own store, and how commands look into it', async () => {
    expect(demo.stderr()).toContain(`Store: ${join(folder, 'data/demo/tollgate.db')}, made just now`)
    expect(demo.stderr()).toContain('This store is of the demo alone; serve has another.')
    expect(demo.stdout()).toContain("DATA_DIR='data/demo' npm run -s tollgate -- tasks list")
    const { json } = await tollgate(folder, ['tasks', 'list', '--json'], { env: { DATA_DIR: 'data/demo' } })
    expect(json.tasks.length).toBeGreaterThan(0)
  })

  test('it ends at Ctrl-C, and the next one goes on with its store, and says so', async () => {
    demo.kill('SIGINT')
    expect((await demo.ended).code).toBe(0)
    const next = await serving(folder, ['demo', '--json'], { env: { PORT: port } })
    const printed = await until(next.stdout, (text) => text.endsWith('\n'))
    const { url, key: nextKey, credits } = JSON.parse(printed)
    expect({ url, credits }).toEqual({ url: demo.url, credits: 1_000 })
    expect((await ask(`${url}/api/v1/credits`, nextKey)).data.balance).toBe(1_000)
    expect((await ask(`${url}/api/v1/tasks`, nextKey)).data.tasks).toEqual([])
    expect((await ask(`${url}/api/v1/tasks`, key)).data.tasks.length).toBeGreaterThan(0)
    expect(next.stderr()).toMatch(
      /goes on with what the demo before left in it.*tollgate demo --fresh begins with/,
    )
    next.kill('SIGHUP')
    const { code, stdout } = await next.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: printed })
    expect(existsSync(join(folder, 'data/demo/tollgate.db-wal'))).toBe(false)
  })

  test('with --fresh the store before is thrown away, as is said, and not where the demo cannot listen', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await once(taken, 'listening')
    const env = { PORT: String((taken.address() as AddressInfo).port) }
    expect(await tollgate(folder, ['demo', '--fresh'], { env })).toMatchObject({ code: 1 })
    expect(existsSync(join(folder, 'data/demo/tollgate.db'))).toBe(true)
    const next = await serving(folder, ['demo', '--fresh'], { env: { PORT: port, LANG: 'zh_CN.UTF-8' } })
    await until(next.stdout, (text) => text.includes('Ctrl-C ends the demo.'))
    expect(next.stderr()).toContain('that of the demo before was thrown away, as --fresh asks')
    expect((await ask(`${next.url}/api/v1/credits`, key)).error.type).toBe('unauthorized')
    const [picture = ''] = commandsOf(next.stdout())
    expect(JSON.parse(await bash(picture)).msg).toBe('提交成功,等待生成')
    next.kill('SIGINT')
    expect((await next.ended).code).toBe(0)
  })
})
