// An order as code: for a shell, TypeScript and Python.
export const languages = ['cURL', 'TypeScript', 'Python'] as const
export type CodeLanguage = (typeof languages)[number]

export interface Example {
  readonly origin: string
  readonly key: string
  readonly body: Readonly<Record<string, unknown>>
  /** Of another call than an order; cURL alone. */
  readonly path?: string
  readonly method?: 'PUT' | 'POST'
}

export function codeIn(language: CodeLanguage, example: Example): string {
  return writers[language](example)
}

/** Within single quotes of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const writers: Readonly<Record<CodeLanguage, (example: Example) => string>> = {
  cURL: ({ origin, key, body, path = 'tasks/create', method = 'POST' }) =>
    `curl -X ${method} ${origin}/api/v1/${path} \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d ${quoted(JSON.stringify(body, null, 2))}`,
  TypeScript: ({ origin, key, body }) => `const headers = {
  Authorization: 'Bearer ${key}',
  'Content-Type': 'application/json',
}
const order = ${JSON.stringify(body, null, 2)}
const created = await fetch('${origin}/api/v1/tasks/create', {
  method: 'POST',
  headers: { ...headers, 'Idempotency-Key': crypto.randomUUID() },
  body: JSON.stringify(order),
}).then((answer) => answer.json())
if (created.code !== 200) throw new Error(created.msg)

let task
do {
  const answer = await fetch(\`${origin}/api/v1/tasks/\${created.data.task_id}?wait=30\`, { headers })
  task = (await answer.json()).data
} while (task.task_status < 3)
console.log(task.image_url ?? task.video_url ?? task.error_message)`,
  Python: ({ origin, key, body }) => `import json, uuid, urllib.request

def call(path, body=None, **headers):
    request = urllib.request.Request(
        "${origin}" + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer ${key}", "Content-Type": "application/json", **headers},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)

order = json.loads(${pythonText(JSON.stringify(body, null, 2))})
created = call("/api/v1/tasks/create", order, **{"Idempotency-Key": str(uuid.uuid4())})
if created["code"] != 200:
    raise SystemExit(created["msg"])
while True:
    task = call("/api/v1/tasks/" + created["data"]["task_id"] + "?wait=30")["data"]
    if task["task_status"] >= 3:
        break
print(task["image_url"] or task["video_url"] or task["error_message"])`,
}

/** A raw text of Python that may span lines. */
function pythonText(json: string): string {
  return `r"""${json.replaceAll('"""', String.raw`""\"`)}"""`
}
