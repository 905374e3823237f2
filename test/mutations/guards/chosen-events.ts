// Chosen event types: an account is sent what it chose, each once, and how a task stands not after its end.
import type { Guard } from '../guard.ts'

const interim = 'test/webhooks/interim.test.ts'
const begun = 'test/tasks/begun.test.ts'
const upgrade = 'test/webhooks/upgrade.test.ts'
const client = 'test/http/webhooks.test.ts'

const outbox = 'src/webhooks/outbox.ts'
const choice = 'src/webhooks/events/choice.ts'
const events = 'src/webhooks/events/types.ts'
const dropped = 'src/webhooks/events/interim.ts'
const begin = 'src/tasks/events/begin.ts'
const migration = 'migrations/sqlite/0014_chosen_events.sql'

export const guards: readonly Guard[] = [
  {
    name: 'who chose nothing is not sent a type that is new',
    file: events,
    search: 'eventTypes.filter((type) => eventKinds[type].isDefault)',
    replacement: 'eventTypes.filter((type) => eventKinds[type] !== undefined)',
    tests: [interim],
  },
  {
    name: 'only what was chosen is written down',
    file: outbox,
    search: 'form === null ? types.includes(type) :',
    replacement: 'form === null ? types.length > 0 :',
    tests: [interim],
  },
  {
    name: 'a choice takes the place of the one before',
    file: choice,
    search: 'await tx.delete(choices).where(eq(choices.accountId, accountId))',
    replacement: '',
    tests: [interim, client],
  },
  {
    name: 'a choice is of its account alone',
    file: choice,
    search: ".where(eq(choices.accountId, sql.placeholder('accountId')))",
    replacement: ".where(sql`${choices.accountId} >= '' OR ${sql.placeholder('accountId')} = ''`)",
    tests: [interim, client],
  },
  {
    name: 'a choice that is left out stays',
    file: 'src/webhooks/endpoint.ts',
    search: 'if (types !== undefined) await choose(tx, accountId, types)',
    replacement: 'await choose(tx, accountId, types ?? null)',
    tests: [interim, client],
  },
  {
    name: 'a choice of nothing is refused',
    file: 'src/http/v1/webhooks/routes.ts',
    search: '(types) => types.length > 0',
    replacement: '(types) => types.length >= 0',
    tests: [client],
  },
  {
    name: 'that a task runs is told',
    file: begin,
    search: "  if (running) await tell({ tx, nowMs }, running, 'task.running')\n",
    replacement: '',
    tests: [begun, interim],
  },
  {
    name: 'that a task runs is told once',
    file: 'src/tasks/events/begin.ts',
    search: '        eq(tasks.upstreamPending, true),\n',
    replacement: '',
    tests: [begun, interim],
  },
  {
    name: 'a task that has ended does not begin to run',
    file: 'src/tasks/events/begin.ts',
    search: '        inArray(tasks.state, [...openStates]),\n',
    replacement: '',
    tests: [interim],
  },
  {
    name: 'an image that shows as running already is not told of again when its answer comes',
    file: 'src/tasks/events/begin.ts',
    search: 'if (!task.upstreamPending) {',
    replacement: 'if (false) {',
    tests: [begun, interim],
  },
  {
    name: 'an image runs when it was taken',
    file: 'src/tasks/submit/accept.ts',
    search: '= beginsWhenAccepted(request.taskType)',
    replacement: '= !beginsWhenAccepted(request.taskType)',
    tests: [begun, 'test/tasks/shown-status.test.ts'],
  },
  {
    name: 'a task whose result is being kept shows as running',
    file: 'src/tasks/poll/poll.ts',
    search: 'if (storing) return { begun: await begin(tx, task.id, nowMs), ended: null, storing: true }',
    replacement: 'if (storing) return { ended: null, storing: true }',
    tests: [begun],
  },
  {
    name: 'all tasks of an order that a callback found may have begun',
    file: 'src/tasks/callbacks/assign.ts',
    search: 'isToBePosted(request) ? waiting : beginsWhenAccepted(request.taskType) ? [task] : []',
    replacement: 'beginsWhenAccepted(request.taskType) ? [task] : []',
    tests: [begun],
  },
  {
    name: 'who chose it is told at once that a task runs',
    file: begin,
    search: "if (begun.some(isTold)) ctx.wake('deliver')",
    replacement: '',
    tests: [begun],
  },
  {
    name: 'how a task stands waits no more when it has ended',
    file: outbox,
    search: 'if (!isInterim(type) && types.some(isInterim)) await supersedeWaiting(tx, { taskId })',
    replacement: '',
    tests: [interim],
  },
  {
    name: 'what is being sent when a task ends keeps its outcome',
    file: dropped,
    search: '        eq(deliveries.claimed, false),\n',
    replacement: '',
    tests: [interim],
  },
  {
    name: 'a claim takes nothing of how a task stood that has ended',
    file: 'src/webhooks/queue/claim.ts',
    search: 'if (await supersedeIfOver(tx, row)) continue',
    replacement: '',
    tests: [interim],
  },
  {
    name: 'how a task stood is not sent again once it has ended',
    file: 'src/webhooks/deliveries.ts',
    search: 'if (await isOver(tx, found)) throw over(found.type)',
    replacement: '',
    tests: [interim],
  },
  {
    name: 'the events of an end are sent again',
    file: dropped,
    search: 'return isInterim(type) && ',
    replacement: 'return ',
    tests: [interim],
  },
  {
    name: 'an upgrade keeps what makes receivers due',
    file: migration,
    search:
      'CREATE TRIGGER `webhook_queues_follow_new` AFTER INSERT ON `webhook_deliveries` WHEN NEW.`due_at` IS NOT NULL',
    replacement:
      'CREATE TRIGGER `webhook_queues_follow_new` AFTER INSERT ON `webhook_deliveries` WHEN NEW.`due_at` IS NULL',
    tests: [upgrade],
  },
  {
    name: 'an upgrade keeps the count of what is pending',
    file: migration,
    search: 'WHEN (NEW.`due_at` IS NULL) <> (OLD.`due_at` IS NULL)',
    replacement: 'WHEN (NEW.`due_at` IS NULL) < (OLD.`due_at` IS NULL)',
    tests: [upgrade],
  },
  {
    name: 'a task has one delivery of each type',
    file: migration,
    search: 'CREATE UNIQUE INDEX `webhook_deliveries_task`',
    replacement: 'CREATE INDEX `webhook_deliveries_task`',
    tests: [upgrade],
  },
]
