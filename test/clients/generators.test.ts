// Clients that are generated from the documents compile, and buy a picture.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { npmTools, python, pythonTools } from './installed.ts'
import type { Tools } from './installed.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => await gateway.stop())

/** What a client's purchase of one picture comes to. */
async function bought(client: () => Promise<string>) {
  const ordered = () => gateway.sandbox.requests.get('POST /v1/image_generate') ?? 0
  const before = ordered()
  customer = await gateway.customer(100)
  const task = JSON.parse(await client())
  const { task_status, model_id } = await customer.task(task.task_id)
  return {
    task,
    stored: { task_status, model_id },
    spent: 100 - (await customer.balance()),
    orders: ordered() - before,
  }
}

/** Charged once, ordered once, and there is a file. */
const onePicture = {
  task: expect.objectContaining({
    task_status: 3,
    credits: 15,
    image_url: expect.stringMatching(/^https?:/),
  }),
  stored: { task_status: 3, model_id: 'gpt-image-2' },
  spent: 15,
  orders: 1,
}

describe('in TypeScript', () => {
  const strict = ['--strict', '--noUncheckedIndexedAccess', '--skipLibCheck']
  const compiler = ['--module', 'commonjs', '--moduleResolution', 'node10', '--target', 'es2022']
  let tools: Tools
  const folders: string[] = []

  beforeAll(async () => {
    tools = await npmTools('generators', {
      '@hey-api/openapi-ts': '0.99.0',
      '@types/node': '24.19.2',
      'openapi-fetch': '0.17.0',
      'openapi-typescript': '7.13.0',
      // Both generators work with the compiler's API, which TypeScript 7 has no more.
      typescript: '5.9.3',
    })
  })
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })

  /** Not below a node_modules: what lies there is neither checked nor compiled. */
  function workFolder(program: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-client-'))
    folders.push(folder)
    symlinkSync(join(tools.folder, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'buy.ts'), program)
    return folder
  }

  async function compileAndRun(cwd: string, args: readonly string[]): Promise<string> {
    await tools.run('tsc', [...strict, ...compiler, '--outDir', 'out', 'buy.ts', 'operator.ts'], { cwd })
    return await tools.run('node', ['out/buy.js', gateway.url, ...args], { cwd })
  }

  test('openapi-typescript with openapi-fetch', async () => {
    const cwd = workFolder(fetchProgram)
    writeFileSync(join(cwd, 'operator.ts'), fetchOperatorProgram)
    await tools.run('openapi-typescript', [`${gateway.url}/openapi.json`, '-o', 'client.ts'], { cwd })
    await tools.run('openapi-typescript', [`${gateway.url}/admin/openapi.json`, '-o', 'admin.ts'], { cwd })
    expect(await bought(async () => await compileAndRun(cwd, [customer.key]))).toEqual(onePicture)
  })

  test('@hey-api/openapi-ts', async () => {
    const cwd = workFolder(heyProgram)
    writeFileSync(join(cwd, 'operator.ts'), heyOperatorProgram)
    for (const [path, folder] of [
      ['/openapi.json', 'client'],
      ['/admin/openapi.json', 'admin'],
    ] as const)
      await tools.run('openapi-ts', ['-i', gateway.url + path, '-o', folder, '--no-log-file'], { cwd })
    expect(await bought(async () => await compileAndRun(cwd, [customer.key]))).toEqual(onePicture)
  })
})

describe.skipIf(python === null)('in Python', () => {
  let tools: Tools
  beforeAll(async () => {
    tools = await pythonTools('openapi-python-client', ['openapi-python-client==0.29.1'])
  })

  test('openapi-python-client', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'tollgate-client-'))
    try {
      // What it does not know by itself: an export is read as a text.
      writeFileSync(
        join(cwd, 'config.json'),
        '{"content_type_overrides": {"application/x-ndjson": "text/plain"}}',
      )
      for (const [path, folder] of [
        ['/openapi.json', 'gateway_client'],
        ['/admin/openapi.json', 'operator_client'],
      ] as const) {
        const document: any = (await gateway.call('GET', path)).json
        const file = join(cwd, `${folder}.json`)
        writeFileSync(file, JSON.stringify(document))
        const args = [
          'generate',
          '--path',
          file,
          '--output-path',
          folder,
          '--meta',
          'none',
          '--config',
          'config.json',
        ]
        // A part of the document that it cannot digest is a warning, and a client that lacks it.
        await tools.run('openapi-python-client', [...args, '--fail-on-warning'], { cwd })
      }
      writeFileSync(join(cwd, 'buy.py'), pythonProgram)
      const client = async () => await tools.run('python', ['buy.py', gateway.url, customer.key], { cwd })
      expect(await bought(client)).toEqual(onePicture)
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  })
})

const fetchProgram = `
import createClient from 'openapi-fetch'
import type { components, paths } from './client'

type Task = components['schemas']['Task']
const [, , baseUrl = '', key = ''] = process.argv
const { GET, POST } = createClient<paths>({ baseUrl, headers: { authorization: 'Bearer ' + key } })

async function buy(): Promise<Task> {
  const made = await POST('/api/v1/tasks/create', { body: { model_id: 'gpt-image-2', prompt: 'a heron' } })
  if (made.data?.code !== 200) throw new Error(JSON.stringify(made.data ?? made.error))
  const { task_id } = made.data.data
  for (;;) {
    const found = await GET('/api/v1/tasks/{task_id}', { params: { path: { task_id }, query: { wait: 5 } } })
    if (found.data?.code !== 200) throw new Error(JSON.stringify(found.data ?? found.error))
    const task = found.data.data
    switch (task.task_status) {
      case 1: case 2: continue
      case 3: case 4: return task
      default: { const none: never = task.task_status; throw new Error(none) }
    }
  }
}
void buy().then((task) => console.log(JSON.stringify(task)))
`

const fetchOperatorProgram = `
import createClient from 'openapi-fetch'
import type { paths } from './admin'

const { POST } = createClient<paths>({ baseUrl: '', headers: {} })
export async function open(name: string): Promise<string> {
  const { data, error } = await POST('/admin/v1/accounts', { body: { name } })
  if (!data) throw new Error(error.error.message)
  const params = { path: { id: data.data.id } }
  await POST('/admin/v1/accounts/{id}/credits', { params, body: { amount: 10, public_note: 'June' } })
  return data.data.id
}
`

const heyProgram = `
import { createClient } from './client/client'
import { createTask, getTask } from './client'
import type { Task } from './client'

const [, , baseUrl = '', key = ''] = process.argv
const client = createClient({ baseUrl, auth: key })

async function buy(): Promise<Task> {
  const made = await createTask({ client, body: { model_id: 'gpt-image-2', prompt: 'a heron' } })
  if (made.data?.code !== 200) throw new Error(JSON.stringify(made.data ?? made.error))
  const { task_id } = made.data.data
  for (;;) {
    const found = await getTask({ client, path: { task_id }, query: { wait: 5 } })
    if (found.data?.code !== 200) throw new Error(JSON.stringify(found.data ?? found.error))
    const task = found.data.data
    if (task.task_status >= 3) return task
  }
}
void buy().then((task) => console.log(JSON.stringify(task)))
`

const heyOperatorProgram = `
import { createAccount, grantCredits } from './admin'

export async function open(name: string): Promise<string> {
  const { data, error } = await createAccount({ body: { name } })
  if (!data) throw new Error(JSON.stringify(error))
  await grantCredits({ path: { id: data.data.id }, body: { amount: 10, public_note: 'June' } })
  return data.data.id
}
`

const pythonProgram = `
import importlib, json, pkgutil, sys
import gateway_client, operator_client

for package in (gateway_client, operator_client):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)

from gateway_client import AuthenticatedClient
from gateway_client.api.tasks import create_task, get_task
from gateway_client.models import CreatedAnswer, CreateTask, TaskAnswer, TaskStatus

client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
made = create_task.sync(client=client, body=CreateTask(model_id="gpt-image-2", prompt="a heron"))
assert isinstance(made, CreatedAnswer), made
while True:
    found = get_task.sync(made.data.task_id, client=client, wait=5)
    assert isinstance(found, TaskAnswer), found
    if found.data.task_status in (TaskStatus.SUCCESS, TaskStatus.FAILED):
        break
print(json.dumps(found.data.to_dict()))
`
