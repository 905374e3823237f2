// The examples that customers copy to verify webhooks, run as they stand in docs/operating.md, in each language that is here.
import { spawnSync } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { example, folderWith } from './examples.ts'

const page = 'docs/operating.md'
const body = JSON.stringify({
  type: 'task.succeeded',
  timestamp: '2030-01-01T00:00:00Z',
  data: { task_id: 'task_1', task_status: 3, prompt: '一座禅意花园 🏯 "\\n"' },
})

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`
const [secret, older, foreign] = [newSecret(), newSecret(), newSecret()]

/** The scheme, written down once more and not taken from the gateway. */
function sign(by: string, id: string, timestamp: string, bytes: string): string {
  const key = Buffer.from(by.slice('whsec_'.length), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${bytes}`).digest('base64')}`
}

interface Case {
  readonly name: string
  readonly headers: Readonly<Record<string, string>>
  /** In base64, for it is bytes. */
  readonly body: string
  readonly secret: string
  readonly genuine: boolean
}

function signed(
  name: string,
  genuine: boolean,
  change: { signers?: string[]; ageSeconds?: number; sent?: string; headers?: Record<string, string> } = {},
): Case {
  const { signers = [secret], ageSeconds = 0, sent = body } = change
  const timestamp = String(Math.floor(Date.now() / 1000) - ageSeconds)
  const signatures = signers.map((by) => sign(by, 'msg_1', timestamp, body)).join(' ')
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures,
    ...change.headers,
  }
  return { name, genuine, headers, body: Buffer.from(sent).toString('base64'), secret }
}

const now = String(Math.floor(Date.now() / 1000))
const cases: readonly Case[] = [
  signed('a good signature', true),
  signed('two signatures, ours first', true, { signers: [secret, older] }),
  signed('two signatures, ours last', true, { signers: [older, secret] }),
  signed('four minutes old', true, { ageSeconds: 240 }),
  signed("another's signature", false, { signers: [foreign] }),
  signed("two of another's", false, { signers: [foreign, older] }),
  signed('a changed byte', false, { sent: body.replace('task_1', 'task_2') }),
  signed('a byte more', false, { sent: `${body}\n` }),
  signed('six minutes old', false, { ageSeconds: 360 }),
  signed('six minutes ahead', false, { ageSeconds: -360 }),
  signed('a time that was made younger', false, {
    ageSeconds: 360,
    headers: { 'webhook-timestamp': now },
  }),
  signed('another id', false, { headers: { 'webhook-id': 'msg_2' } }),
  signed('no id', false, { headers: { 'webhook-id': '' } }),
  signed('a time that is none', false, { headers: { 'webhook-timestamp': 'soon' } }),
  signed('no signature', false, { headers: { 'webhook-signature': '' } }),
  signed('another version', false, {
    headers: { 'webhook-signature': sign(secret, 'msg_1', now, body).replace('v1,', 'v2,') },
  }),
  signed('half a signature', false, {
    headers: { 'webhook-signature': sign(secret, 'msg_1', now, body).slice(0, 20) },
  }),
]
const expected = Object.fromEntries(cases.map(({ name, genuine }) => [name, genuine]))

/** Each reads the cases from its input, and prints a list of what the example said to them. */
const languages = {
  TypeScript: {
    program: process.execPath,
    version: ['--version'],
    args: ['run.ts'],
    files: () => ({
      'verify.ts': example(page, 'verify.ts'),
      'run.ts': `import { readFileSync } from 'node:fs'
import { isGenuine } from './verify.ts'
const cases = JSON.parse(readFileSync(0, 'utf8'))
console.log(JSON.stringify(cases.map((one) => isGenuine(one.headers, Buffer.from(one.body, 'base64'), one.secret))))
`,
    }),
  },
  Python: {
    program: 'python3',
    version: ['--version'],
    args: ['run.py'],
    files: () => ({
      'verify.py': example(page, 'verify.py'),
      'run.py': `import base64, json, sys
from verify import is_genuine
cases = json.load(sys.stdin)
titled = lambda headers: {name.title(): value for name, value in headers.items()}
print(json.dumps([is_genuine(titled(one["headers"]), base64.b64decode(one["body"]), one["secret"]) for one in cases]))
`,
    }),
  },
  PHP: {
    program: 'php',
    version: ['--version'],
    args: ['run.php'],
    files: () => ({
      'verify.php': example(page, 'verify.php'),
      'run.php': `<?php
require 'verify.php';
$cases = json_decode(file_get_contents('php://stdin'), true);
$titled = fn ($headers) => array_combine(array_map(fn ($name) => ucwords($name, '-'), array_keys($headers)), $headers);
echo json_encode(array_map(fn ($one) => is_genuine($titled($one['headers']), base64_decode($one['body']), $one['secret']), $cases));
`,
    }),
  },
  Go: {
    program: 'go',
    version: ['version'],
    args: ['run', '.'],
    files: () => ({
      'go.mod': 'module example\n\ngo 1.21\n',
      'webhook/verify.go': example(page, 'verify.go'),
      'main.go': `package main

import (
	"encoding/json"
	"example/webhook"
	"os"
)

type header map[string]string

func (h header) Get(name string) string { return h[name] }

func main() {
	var cases []struct {
		Headers header
		Body    []byte
		Secret  string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		panic(err)
	}
	found := []bool{}
	for _, one := range cases {
		genuine, err := webhook.IsGenuine(one.Headers, one.Body, one.Secret)
		if err != nil {
			panic(err)
		}
		found = append(found, genuine)
	}
	json.NewEncoder(os.Stdout).Encode(found)
}
`,
    }),
  },
} as const

/** Compiling what has never been compiled on a machine takes longer than any test. */
const compileMs = 120_000
const env = { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local', GO111MODULE: 'on' }

for (const [language, { program, version, args, files }] of Object.entries(languages)) {
  const isHere = spawnSync(program, version).status === 0
  const why = isHere ? '' : ` (left out: there is no ${program} on this machine)`
  test.skipIf(!isHere)(
    `${language}: whoever copies the example takes what is genuine, and nothing else${why}`,
    () => {
      const ran = spawnSync(program, args, {
        cwd: folderWith(files()),
        env,
        input: JSON.stringify(cases),
        encoding: 'utf8',
      })
      expect(ran.stderr).toBe('')
      const found: boolean[] = JSON.parse(ran.stdout)
      expect(Object.fromEntries(cases.map(({ name }, at) => [name, found[at]]))).toEqual(expected)
    },
    compileMs,
  )
}
