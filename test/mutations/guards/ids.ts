// Ids in answers and words in polls that stand where nobody documented them: what they name, and what they do not.
import type { Guard } from '../guard.ts'

const anywhere = 'test/upstream/ids-anywhere.test.ts'
const drift = 'test/upstream/poll-drift.test.ts'
const manyIds = 'test/tasks/many-ids.test.ts'

const taskIds = 'src/upstream/answers/task-ids.ts'
const scan = 'src/upstream/answers/id-scan.ts'

export const guards: readonly Guard[] = [
  {
    name: 'an id names paid work wherever it stands',
    file: taskIds,
    search: 'const found = scanForIds(text, {',
    replacement: "const found = scanForIds('', {",
    tests: [anywhere],
  },
  {
    name: 'what we sent ourselves names no work',
    file: scan,
    search: 'if (!this.sent.has(id)) ids.add(id)',
    replacement: 'ids.add(id)',
    tests: [anywhere],
  },
  {
    name: 'no escape hides what we sent ourselves',
    file: scan,
    search: "if (isFolded && raw.includes('\\\\')) return",
    replacement: '',
    tests: [anywhere],
  },
  {
    name: 'an id that is cut in its midst is none',
    file: scan,
    search: 'if (end < 0) return',
    replacement: 'if (end < 0) return found.offer(text.slice(at + 1))',
    tests: [anywhere],
  },
  {
    name: 'a word of the form of an id is none under a name that says nothing',
    file: scan,
    search: '(isNamed ? documentedId : unnamedIdPattern)',
    replacement: 'documentedId',
    tests: [anywhere],
  },
  {
    name: 'ids found anywhere are bounded',
    file: scan,
    search: 'if (ids.size >= this.max || this.looked >= candidatesMax) {',
    replacement: 'if (this.looked >= candidatesMax) {',
    tests: [anywhere],
  },
  {
    name: 'texts that are compared with what was sent are bounded',
    file: scan,
    search: 'if (ids.size >= this.max || this.looked >= candidatesMax) {',
    replacement: 'if (ids.size >= this.max) {',
    tests: [anywhere],
  },
  {
    name: 'of an answer that breaks off the ids are read',
    file: 'src/upstream/watched-call.ts',
    search: "...(begun !== '' && { begun })",
    replacement: '',
    tests: [anywhere],
  },
  {
    name: 'a task whose id may not have arrived is not given back at once',
    file: 'src/tasks/submit/accept.ts',
    search:
      "else if (isCut) await moveTaskUnread(tx, task.id, { from: mayBecome.unknown, to: { state: 'unknown' } })",
    replacement: '',
    tests: [manyIds],
  },
  {
    name: 'a task whose id may not have arrived has a limit',
    file: 'src/tasks/submit/accept.ts',
    search: 'dueAt: isCut ? nowMs + giveUpAfterMs : null,',
    replacement: 'dueAt: null,',
    tests: [manyIds],
  },
  {
    name: 'another word for success needs the address of the result',
    file: 'src/upstream/keevx/poll.ts',
    search: 'if (successWords.has(task.status) && hasResult)',
    replacement: 'if (successWords.has(task.status))',
    tests: [drift],
  },
  {
    name: 'another word for failure needs all that is documented for one',
    file: 'src/upstream/keevx/poll.ts',
    search: 'failureWords.has(task.status) && isOwn && tellsWhy && !hasResult',
    replacement: 'failureWords.has(task.status)',
    tests: [drift],
  },
  {
    name: 'a URL is passed on in its normal form',
    file: 'src/upstream/answers/wire.ts',
    search: 'return holdsCredentials(url) ? null : url.href',
    replacement: 'return holdsCredentials(url) ? null : text',
    tests: [drift],
  },
  {
    name: 'an id under its name comes before what looks like one',
    file: scan,
    search: 'found.named.size >= wanted ? []',
    replacement: 'found.named.size < 0 ? []',
    tests: [anywhere],
  },
  {
    name: 'what stands under the name of something else is no id',
    file: scan,
    search: "name !== 'other' && ",
    replacement: '',
    tests: [anywhere],
  },
  {
    name: 'what stands for no id is none',
    file: 'src/upstream/answers/wire.ts',
    search: ' && !isPlaceholder(id)',
    replacement: '',
    tests: [anywhere],
  },
  {
    name: 'an echo names no work, also in the place of ids',
    file: taskIds,
    search: 'if (id !== null && !isEcho(id))',
    replacement: 'if (id !== null)',
    tests: [anywhere],
  },
  {
    name: 'beside 429 only what is named is work',
    file: taskIds,
    search: 'isRefused ? 0 : ',
    replacement: '',
    tests: [anywhere],
  },
]
