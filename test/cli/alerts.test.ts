// `tollgate alerts`: the receivers are tried from the command line, without a gateway, and what was wrong is listed.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cleanUpAfterwards, newFolder, tollgate } from './command.ts'

cleanUpAfterwards()

test('a test is sent before there is a store, and a receiver that does not take it is named', async () => {
  const folder = newFolder()
  let status = 200
  const chat = createServer((request, response) => {
    request.resume()
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => chat.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => await new Promise((resolve) => chat.close(() => resolve())))
  const url = `http://127.0.0.1:${(chat.address() as AddressInfo).port}/services/the-secret-of-the-chat`
  const yaml = `network: { allow_hosts: [127.0.0.1] }\nalerts: { receivers: { night: { type: slack, url: "${url}" } } }\n`
  writeFileSync(join(folder, 'tollgate.yaml'), yaml)
  const sent = await tollgate(folder, ['alerts', 'test', '--json'])
  expect(sent.code).toBe(0)
  expect(sent.json).toEqual({
    ok: true,
    results: [{ receiver: 'night', type: 'slack', ok: true, status: 200, error: null }],
  })
  status = 404
  const refused = await tollgate(folder, ['alerts', 'test', '--receiver', 'night'])
  expect(refused.code).toBe(1)
  expect(refused.stdout).toContain('It answered HTTP 404.')
  expect(refused.stdout + refused.stderr).not.toContain('the-secret-of-the-chat')
  const unknown = await tollgate(folder, ['alerts', 'test', '--receiver', 'nihgt'])
  expect(unknown.code).toBe(1)
  expect(unknown.said).toContain('there are night')
})

test('without a receiver it says how to name one, and without a store there is nothing to list', async () => {
  const folder = newFolder()
  const none = await tollgate(folder, ['alerts', 'test'])
  expect(none.code).toBe(1)
  expect(none.said).toContain('alerts.receivers in tollgate.yaml')
  expect((await tollgate(folder, ['alerts', 'list'])).code).toBe(1)
})
