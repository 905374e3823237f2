// The examples of the pages for people, for a shell, TypeScript and Python: each can be pasted and run as it stands.
import type { Model } from '../../../catalog/listing.ts'
import { keyPlace } from './code.ts'
import type { Sample } from './code.ts'

/** Any text between the single quotes of a shell, of TypeScript or of Python. */
const asJson = (body: object, indent = '  '): string => JSON.stringify(body, null, 2).replaceAll('\n', `\n${indent}`)

const bearer = `-H "Authorization: Bearer ${keyPlace}"`
const json = '-H "Content-Type: application/json"'

const request = (method: string): string => (method === 'GET' || method === '' ? '' : `-X ${method} `)

/** A call without a body, as a line of a shell. */
export const curl = (method: string, url: string): string =>
  `curl ${request(method)}"${url}" \\
  ${bearer}`

interface Posted {
  readonly method?: string
  readonly url: string
  readonly body: object
  readonly headers?: readonly string[]
}

/** The body has no single quotes: it is ours, with a model's id, or the key of a catalogue. */
export const curlWith = ({ method = 'POST', url, body, headers = [] }: Posted): string =>
  [
    `curl -X ${method} ${url} \\`,
    `  ${bearer} \\`,
    `  ${json} \\`,
    ...headers.map((header) => `  -H "${header}" \\`),
    `  -d '${asJson(body)}'`,
  ].join('\n')

/** Of a model that is on sale, so that the examples can be sent as they stand. */
export function exampleModel(models: readonly Model[]): Model | undefined {
  const takesText = models.filter(({ parameters }) => parameters['image_urls']?.required === false)
  return (
    takesText.find(({ id }) => id === 'gpt-image-2') ??
    takesText.find(({ taskType }) => taskType === 'image') ??
    takesText[0] ??
    models[0]
  )
}

export function exampleOrder(model: Model | undefined): Record<string, unknown> {
  const takesImage = model?.parameters['image_urls']?.required === true
  const isWide = model?.parameters['aspect_ratio']?.values?.includes('16:9') ?? false
  return {
    model_id: model?.id ?? 'model',
    prompt: 'a serene zen garden at sunrise',
    ...(takesImage && { image_urls: ['https://example.com/photo.png'] }),
    ...(isWide && { aspect_ratio: '16:9' }),
  }
}

export const createSamples = (origin: string, order: object): Sample[] => [
  { name: 'cURL', code: curlWith({ url: `${origin}/api/v1/tasks/create`, body: order }) },
  {
    name: 'TypeScript',
    code: `const answer = await fetch('${origin}/api/v1/tasks/create', {
  method: 'POST',
  headers: {
    Authorization: 'Bearer ${keyPlace}',
    'Content-Type': 'application/json',
    'Idempotency-Key': crypto.randomUUID(),
  },
  body: JSON.stringify(${asJson(order)}),
})
const { code, msg, data } = await answer.json()
if (code !== 200) throw new Error(msg)
console.log(data.task_id, data.credits)`,
  },
  {
    name: 'Python',
    code: `import json, urllib.request, uuid

order = ${asJson(order, '')}
request = urllib.request.Request(
    "${origin}/api/v1/tasks/create",
    data=json.dumps(order).encode(),
    headers={
        "Authorization": "Bearer ${keyPlace}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    },
)
answer = json.load(urllib.request.urlopen(request))
if answer["code"] != 200:
    raise SystemExit(answer["msg"])
print(answer["data"]["task_id"], answer["data"]["credits"])`,
  },
]

export const querySamples = (origin: string): Sample[] => [
  { name: 'cURL', code: curl('GET', `${origin}/api/v1/tasks/TASK_ID?wait=30`) },
  {
    name: 'TypeScript',
    code: `const headers = { Authorization: 'Bearer ${keyPlace}' }
let task
do {
  const answer = await fetch('${origin}/api/v1/tasks/TASK_ID?wait=30', { headers })
  task = (await answer.json()).data
} while (task.task_status < 3)
console.log(task.image_url ?? task.video_url ?? task.error_message)`,
  },
  {
    name: 'Python',
    code: `import json, urllib.request

request = urllib.request.Request(
    "${origin}/api/v1/tasks/TASK_ID?wait=30",
    headers={"Authorization": "Bearer ${keyPlace}"},
)
while True:
    task = json.load(urllib.request.urlopen(request))["data"]
    if task["task_status"] >= 3:
        break
print(task["image_url"] or task["video_url"] or task["error_message"])`,
  },
]

export const uploadSamples = (origin: string): Sample[] => [
  {
    name: 'cURL',
    code: `curl "${origin}/api/v1/files" \\
  ${bearer} \\
  -F file=@photo.png`,
  },
  {
    name: 'TypeScript',
    code: `import { openAsBlob } from 'node:fs'

const form = new FormData()
form.set('file', await openAsBlob('photo.png'), 'photo.png')
const answer = await fetch('${origin}/api/v1/files', {
  method: 'POST',
  headers: { Authorization: 'Bearer ${keyPlace}' },
  body: form,
})
console.log((await answer.json()).data.url)`,
  },
]

export const openaiSamples = (origin: string, model: string): Sample[] => [
  {
    name: 'cURL',
    code: curlWith({
      url: `${origin}/v1/images/generations`,
      body: { model, prompt: 'a serene zen garden at sunrise' },
    }),
  },
  {
    name: 'TypeScript',
    code: `import OpenAI from 'openai'

const openai = new OpenAI({ baseURL: '${origin}/v1', apiKey: '${keyPlace}' })
const { data } = await openai.images.generate({
  model: '${model}',
  prompt: 'a serene zen garden at sunrise',
})
console.log(data[0].b64_json)`,
  },
  {
    name: 'Python',
    code: `from openai import OpenAI

openai = OpenAI(base_url="${origin}/v1", api_key="${keyPlace}")
made = openai.images.generate(model="${model}", prompt="a serene zen garden at sunrise")
print(made.data[0].b64_json)`,
  },
]
