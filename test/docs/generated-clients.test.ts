// What generators of clients stumble over stands in neither document; that they work is in test/clients.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { documents, operationsOf } from './documents.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => await gateway.stop())

const read = async (path: (typeof documents)[number]): Promise<any> => (await gateway.call('GET', path)).json

test('task_status is an enum with names, wherever it is read or asked for', async () => {
  for (const path of documents) {
    const { components, paths } = await read(path)
    const { TaskStatus } = components.schemas
    expect(TaskStatus).toMatchObject({ type: 'integer', enum: [1, 2, 3, 4] })
    expect(TaskStatus['x-enum-varnames']).toEqual(['QUEUED', 'RUNNING', 'SUCCESS', 'FAILED'])
    const list = paths['/api/v1/tasks'] ?? paths['/admin/v1/tasks']
    const status = list.get.parameters.find(({ name }: any) => name === 'status')
    for (const schema of [
      status.schema,
      (components.schemas.OperatorTask ?? components.schemas.Task).properties.task_status,
    ])
      expect(schema).toEqual({ $ref: '#/components/schemas/TaskStatus' })
  }
})

test('the whole body of every answer is a component, or one of two', async () => {
  for (const { name, operation } of await operationsOf(gateway)) {
    const { content } = operation.responses[200] ?? operation.responses[201]
    // A file, or a page.
    if (!content['application/json']) continue
    const { schema } = content['application/json']
    for (const one of schema.anyOf ?? [schema])
      expect(one, name).toEqual({ $ref: expect.stringMatching(/ \/(?:v1|replicate|keevx)\//.test(name) ? /schemas\/\w+$/ : /schemas\/(?:\w+Answer|(?:Kie)?Failure)$/) })
  }
})

test('no field of a body has a default, which some make a required one; nor is what JavaScript counts to a bound', async () => {
  for (const path of documents) {
    const text = JSON.stringify(await read(path))
    expect(text).not.toContain(String(Number.MAX_SAFE_INTEGER))
    for (const schema of schemasIn(JSON.parse(text)))
      for (const [field, inner] of Object.entries<any>(schema.properties ?? {}))
        expect(inner, field).not.toHaveProperty('default')
  }
  const { CreateTask } = (await read('/openapi.json')).components.schemas
  expect(CreateTask.required).toEqual(['model_id', 'prompt'])
})

test('what the catalogue sells is told in words, so that a client of yesterday orders what came today', async () => {
  const { CreateTask } = (await read('/openapi.json')).components.schemas
  for (const field of ['model_id', 'aspect_ratio', 'resolution']) {
    expect(CreateTask.properties[field], field).toMatchObject({ type: 'string' })
    expect(CreateTask.properties[field], field).not.toHaveProperty('enum')
  }
  expect(CreateTask.properties.model_id.description).toContain('`nano-banana-2`')
  expect(CreateTask.properties.resolution.description).toContain('`1080p`')
})

test('answers may gain fields, and bodies take none that is not known', async () => {
  const { Task, CreateTask, Failure } = (await read('/openapi.json')).components.schemas
  expect([Task.additionalProperties, Failure.additionalProperties]).toEqual([undefined, undefined])
  expect(CreateTask.additionalProperties).toBe(false)
})

test('a cursor has the form that is checked, and may be empty', async () => {
  const all = (await operationsOf(gateway)).flatMap(({ operation }) => operation.parameters ?? [])
  const cursors = all.filter(({ name }: any) => name === 'cursor')
  expect(cursors.length).toBeGreaterThan(4)
  for (const { schema } of cursors) {
    expect(new RegExp(schema.pattern, 'u').test('')).toBe(true)
    expect(new RegExp(schema.pattern, 'u').test('nonsense')).toBe(false)
  }
})

test('a customer’s parameter may be left empty, as forms send it; the operator’s filters may not', async () => {
  for (const { name, operation } of await operationsOf(gateway))
    for (const parameter of (operation.parameters ?? []).filter((one: any) => one.in === 'query'))
      expect(parameter.allowEmptyValue, name).toBe(name.startsWith('get ') && !name.includes(' /admin/') ? true : undefined)
})

/** Every schema of a document, at any depth. */
function schemasIn(value: unknown): any[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.entries(value).flatMap(([name, one]) => (name === 'examples' ? [] : schemasIn(one)))
  return 'properties' in value ? [value, ...inner] : inner
}
