// Answers that are nested beyond all sense are garbage before they are parsed: parsing them would hold everybody up.
import { expect, test } from 'vitest'
import { readEnvelope, readUploadUrl } from '../../src/upstream/answers/wire.ts'
import { fetchAnswered, submitAnswered } from './stand-in.ts'

const nested = (depth: number, inside = '0') => '['.repeat(depth) + inside + ']'.repeat(depth)
/** The envelope is a level itself. */
const envelope = (depth: number) => `{"code":0,"msg":"ok","data":${nested(depth - 1)}}`

test('sixty-four levels are read, sixty-five are garbage', () => {
  expect(readEnvelope(envelope(64))).toMatchObject({ code: 0, msg: 'ok' })
  expect(readEnvelope(envelope(65))).toBeNull()
  const upload = (depth: number) =>
    readEnvelope(`{"code":0,"success":true,"result":{"url":"https://a/b"},"x":${nested(depth)}}`)
  expect(readUploadUrl(upload(63) ?? expect.fail())).toBe('https://a/b')
  expect(upload(64)).toBeNull()
})

test('brackets one after another, and those in strings, are not deep', () => {
  expect(readEnvelope(`{"code":0,"data":[${Array(1_000).fill('{"a":[]}').join()}]}`)).not.toBeNull()
  const texts = ['['.repeat(1_000), `\\"${'{'.repeat(1_000)}`, `\\\\`, `\\\\\\"${'['.repeat(1_000)}`]
  for (const text of texts) {
    expect(readEnvelope(`{"code":0,"msg":"${text}","data":{}}`), text).toMatchObject({ code: 0, data: {} })
  }
  // Behind a string that ends in a backslash, brackets are brackets again.
  expect(readEnvelope(`{"code":0,"msg":"\\\\","data":${nested(64)}}`)).toBeNull()
})

test('200 000 levels decide nothing: of a task, and of an order, which is never posted again', async () => {
  const task = `"task_id":"task-1","status":"SUCCEEDED","image_url":"https://cdn.example/a.png"`
  const seen = `{"code":0,"msg":"ok","data":{${task},"more":${nested(200_000)}}}`
  expect(await fetchAnswered('image', 200, seen)).toMatchObject({ kind: 'unclear' })
  const taken = `{"code":0,"msg":"ok","data":{"task_ids":["task-1","task-2"],"more":${nested(200_000)}}}`
  expect(await submitAnswered('image', 200, taken)).toMatchObject({ kind: 'unknown' })
})
