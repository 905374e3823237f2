// What agents read: a skill, the documentation in Markdown, and the pages that say where both are.
import { createHash } from 'node:crypto'
import { nameOf, slugOf } from '../../../config/brand.ts'
import type { Brand } from '../../../config/brand.ts'
import { version } from '../../../version.ts'
import {
  errors,
  keyVariable,
  modelSections,
  modelTable,
  ordering,
  plain,
  testing,
  toolsOfMcp,
  uploading,
  waiting,
} from './sections.ts'
import type { Readers } from './sections.ts'

/** The limits of the Agent Skills specification are 1024 and 500 characters. */
const shownOriginMax = 200

const description = ({ catalog, origin, brand }: Readers): string => {
  const outputs = [...new Set(catalog.models.map(({ taskType }) => `${taskType}s`))]
  return `Generates ${outputs.join(' and ')} from texts and pictures over the HTTP API ${ofBrand(brand)}at ${shown(origin)}: orders, waits, downloads, and says what it costs. Use when the user asks to make, draw, paint, edit or animate an image, a picture, a photo or a video, or asks for the price of one.`
}

/** Nothing where the operator has named nothing. */
const ofBrand = ({ name }: Brand): string => (name === null ? '' : `of ${name.en} `)

const titleOf = ({ name }: Brand): string => (name === null ? '' : `: ${plain(name.en)}`)

const shown = (origin: string): string => origin.slice(0, shownOriginMax)

/** Block style alone: strict readers of such heads take nothing else. What names a host is quoted as in JSON. */
const head = (readers: Readers): string => `name: ${slugOf(readers.brand)}
description: ${JSON.stringify(description(readers))}
license: MIT
compatibility: ${JSON.stringify(`Needs network access to ${shown(readers.origin)}, curl or another HTTP client, and an API key in ${keyVariable(readers)}.`)}
metadata:
  version: "${version}"
  docs: ${JSON.stringify(`${readers.origin}/docs.md`)}
`

export const skillText = (readers: Readers): string => `---
${head(readers)}---

# Images and videos${titleOf(readers.brand)}

The API is at ${readers.origin}. Every request bears the header \`Authorization: Bearer $${keyVariable(readers)}\`; the key begins with \`sk-\`. If it is not set, ask the user for it; never write it into a file or a URL.

1. Choose a model below, and tell the user what it costs if that was not agreed.
2. Order, with an Idempotency-Key.
3. Wait with \`?wait=30\` until the task has ended.
4. Download the result before \`result_expires_at\`.

## Order

${ordering(readers)}

## Wait and download

${waiting(readers)}

## Pictures to start from

${uploading(readers)}

## When it is refused

${errors}

## Models

${modelSections(readers.catalog)}

## More

The whole API: ${readers.origin}/docs.md, and as OpenAPI: ${readers.origin}/openapi.json. The balance: \`GET ${readers.origin}/api/v1/credits\`. The tasks so far: \`GET ${readers.origin}/api/v1/tasks\`.${readers.hasMcp ? ` ${toolsOfMcp(readers)}` : ''}${readers.hasTestKeys ? ` ${testing}` : ''}
`

export const docsText = (
  readers: Readers,
): string => `# ${readers.brand.name === null ? '' : `${plain(nameOf(readers.brand).en)}: `}Open API

REST API for creating image and video generation tasks, at ${readers.origin}. The reference is at ${readers.origin}/docs/reference/, its document at ${readers.origin}/openapi.json.

## Authentication

Every request bears \`Authorization: Bearer sk-…\`. Answers are JSON: \`{ "code", "msg", "data" }\`, with \`code\` 200 for success and 0 for a refusal.
${readers.hasTestKeys ? `\n${testing}\n` : ''}
## Models

${modelTable(readers.catalog)}

Parameters with their values: \`GET ${readers.origin}/api/v1/models\`, and at the end of this page.

## Create Task

${ordering(readers)}

\`callback_url\` is called when a task ends, signed as Standard Webhooks are. \`DELETE ${readers.origin}/api/v1/tasks/TASK_ID\` cancels a task that still waits in the queue.

## Query Task

${waiting(readers)}

\`GET ${readers.origin}/api/v1/tasks/TASK_ID/events\` is the same as Server-Sent Events. \`GET ${readers.origin}/api/v1/tasks?limit=20\` lists the tasks, newest first.

## Upload a File

${uploading(readers)}

## Credits

\`GET ${readers.origin}/api/v1/credits\` answers \`{ "balance", "in_flight" }\`, \`GET ${readers.origin}/api/v1/ledger\` every entry.

## Errors

${errors}
${readers.hasMcp ? `\n## MCP\n\n${toolsOfMcp(readers)}\n` : ''}
## Parameters

${modelSections(readers.catalog)}
`

export const llmsText = (
  readers: Readers,
): string => `# Images and videos over an API${titleOf(readers.brand)}

> ${plain(description(readers))}

The API is at ${readers.origin}; a key (\`sk-…\`) goes into the \`Authorization: Bearer\` header. Models: ${readers.catalog.models.map(({ id }) => id).join(', ')}.

## Docs

- [Skill](${readers.origin}/skill.md): how to order, wait, download and what each model takes, for agents
- [Documentation](${readers.origin}/docs.md): the whole API in Markdown
- [OpenAPI](${readers.origin}/openapi.json): the reference for programs
${readers.hasMcp ? `- [MCP](${readers.origin}/mcp): the same as tools; streamable HTTP, with the key as a bearer token\n` : ''}
## Optional

- [Agent Skills index](${readers.origin}/.well-known/agent-skills/index.json): the skill with its digest
- [Documentation for people](${readers.origin}/docs)
`

/** The URL is relative, so that it also leads here through a proxy that serves the gateway under a path. */
export const skillsIndex = (readers: Readers): string =>
  JSON.stringify({
    $schema: 'https://schemas.agentskills.io/discovery/0.2.0/schema.json',
    skills: [
      {
        name: slugOf(readers.brand),
        type: 'skill-md',
        description: description(readers),
        url: '../../skill.md',
        digest: `sha256:${createHash('sha256').update(skillText(readers)).digest('hex')}`,
      },
    ],
  })
