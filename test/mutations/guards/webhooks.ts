// Webhooks: told where a task ends, signed, in turns, at least once, and without a word too many.
import type { Guard } from '../guard.ts'

const outbox = 'test/webhooks/outbox.test.ts'
const told = 'test/webhooks/deliver.test.ts'
const again = 'test/webhooks/again.test.ts'
const secrets = 'test/webhooks/secrets.test.ts'
const signed = 'test/webhooks/sign.test.ts'
const kept = 'test/webhooks/retention.test.ts'
const client = 'test/http/webhooks.test.ts'
const flow = 'test/flows/webhooks.test.ts'

const settle = 'src/tasks/settle.ts'
const store = 'src/webhooks/store.ts'
const settleGroup = 'src/webhooks/settle.ts'
const deliver = 'src/webhooks/deliver.ts'
const sealing = 'src/webhooks/signing/sealing.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a failure is told',
    file: settle,
    search: "  if (failed) await tell(at, failed, 'task.failed')\n",
    replacement: '',
    tests: [outbox],
  },
  {
    name: 'a success is told',
    file: settle,
    search: "  if (succeeded) await tell(at, succeeded, 'task.succeeded')\n",
    replacement: '',
    tests: [outbox, flow],
  },
  {
    name: 'the request’s URL goes before the account’s',
    file: 'src/webhooks/outbox.ts',
    search: "typeof callback?.url === 'string' ? 'request' : 'account'",
    replacement: "typeof callback?.url === 'number' ? 'request' : 'account'",
    tests: [outbox],
  },
  {
    name: 'a URL that is switched off is sent nothing',
    file: 'src/webhooks/outbox.ts',
    search: 'const isOff = endpoint !== undefined && endpoint.disabledAt !== null',
    replacement: 'const isOff = false',
    tests: [told],
  },
  {
    name: 'a webhook URL is public',
    file: 'src/webhooks/endpoint.ts',
    search: 'const refusal = url === null ? null : ctx.guard.checkUrl(url)',
    replacement:
      'const refusal = url === null ? null : ctx.guard.checkUrl(`https://example.com/?${url.length}`)',
    tests: [client],
  },
  {
    name: 'a 410 switches off the URL that said so',
    file: settleGroup,
    search: 'if (isOurs && ended.isGone) await switchOff(tx, delivery, nowMs)',
    replacement: '',
    tests: [told],
  },
  {
    name: 'a 410 is not asked again',
    file: deliver,
    search: "  if (status === gone) return 'gone'\n",
    replacement: '',
    tests: [told],
  },
  {
    name: 'the end of a try is written down only under its lease',
    file: store,
    search: "eq(deliveries.dueAt, sql.placeholder('leasedUntil'))",
    replacement: "sql`${sql.placeholder('leasedUntil')} IS NOT NULL`",
    tests: [again],
  },
  {
    name: 'a try that was torn down is no answer',
    file: deliver,
    search: 'if (signal.aborted && answer.status === null)',
    replacement: 'if (signal.aborted && answer.status === 0)',
    tests: [again],
  },
  {
    name: 'customers learn nothing of the operator’s DNS',
    file: 'src/webhooks/send.ts',
    search: 'words: wordsFor[error.kind]',
    replacement: 'words: error.message',
    tests: [told],
  },
  {
    name: 'nothing is sent unsigned',
    file: 'src/webhooks/signing/secrets.ts',
    search: 'return [unseal(key, accountId, newest.sealed), ...older.flatMap((row) => opened(key, row))]',
    replacement: 'return [newest, ...older].flatMap((row) => opened(key, row))',
    tests: [secrets, told],
  },
  {
    name: 'a start takes over what was being sent',
    file: 'src/tasks/rescue/release-leases.ts',
    search: 'await releaseDeliveries(tx, nowMs)',
    replacement: '',
    tests: [again],
  },
  {
    name: 'of Retry-After an hour is heard at most',
    file: 'src/webhooks/schedule.ts',
    search: 'Math.min(retryAfterMs ?? 0, retryAfterMaxMs)',
    replacement: '(retryAfterMs ?? 0)',
    tests: [told],
  },
  {
    name: 'what the URL before answered is not said of the one that was named since',
    file: 'src/webhooks/endpoint.ts',
    search: '.set({ claimed: false, dueAt: nowMs })',
    replacement: '.set({ dueAt: nowMs + 60_000 })',
    tests: [told],
  },
  {
    name: 'a 410 from before the URL was named again switches nothing off',
    file: settleGroup,
    search: 'if (isOurs && ended.isGone)',
    replacement: 'if (ended.isGone)',
    tests: [told],
  },
  {
    name: 'the schedule comes to its end',
    file: 'src/webhooks/schedule.ts',
    search: 'const pauseMs = webhooks.scheduleMs[retriesMade]',
    replacement: 'const pauseMs = webhooks.scheduleMs[retriesMade] ?? webhooks.scheduleMs.at(-1)',
    tests: [told],
  },
  {
    name: 'the time of a try is signed',
    file: 'src/webhooks/signing/sign.ts',
    search: '.update(`${id}.${seconds}.${body}`)',
    replacement: '.update(`${id}..${body}`)',
    tests: [signed],
  },
  {
    name: 'the old secret signs beside the new one',
    file: 'src/webhooks/signing/secrets.ts',
    search: 'set({ retiresAt: olderUntil })',
    replacement: 'set({ retiresAt: nowMs })',
    tests: [secrets],
  },
  {
    name: 'the old secret signs for a day',
    file: 'src/webhooks/store.ts',
    search: "or(isNull(webhookSecrets.retiresAt), gt(webhookSecrets.retiresAt, sql.placeholder('nowMs'))),",
    replacement: "or(isNull(webhookSecrets.retiresAt), gt(sql.placeholder('nowMs'), 0)),",
    tests: [secrets],
  },
  {
    name: 'where secrets are sealed, a missing key is not made anew',
    file: 'src/webhooks/signing/secrets.ts',
    search: '(await isAnySealed(db.read)) ? sealingKeyOf(config) : sealingKeyMade(config)',
    replacement: 'sealingKeyMade(config)',
    tests: [secrets],
  },
  {
    name: 'a sealed secret is its account’s',
    file: sealing,
    search: '    decipher.setAAD(Buffer.from(accountId))',
    replacement: "    decipher.setAAD(Buffer.from('acc_1'))",
    tests: [secrets],
  },
  {
    name: 'the sealing key is nobody else’s to read',
    file: sealing,
    search: "openSync(draft, 'wx', ownerOnly)",
    replacement: "openSync(draft, 'wx', 0o644)",
    tests: [secrets],
  },
  {
    name: 'another account’s delivery is not resent',
    file: 'src/webhooks/deliveries.ts',
    search: 'const own = and(eq(deliveries.id, id), eq(deliveries.accountId, accountId))',
    replacement: 'const own = eq(deliveries.id, id)',
    tests: ['test/http/routes.test.ts'],
  },
  {
    name: 'the log of deliveries is the account’s own',
    file: 'src/webhooks/deliveries.ts',
    search: '        eq(deliveries.accountId, filter.accountId),\n',
    replacement: '',
    tests: ['test/http/routes.test.ts', outbox],
  },
  {
    name: 'what is still to be told is never forgotten',
    file: 'src/webhooks/deliveries.ts',
    search: 'return and(isNull(deliveries.dueAt), lt(',
    replacement: 'return and(lt(',
    tests: [kept],
  },
  {
    name: 'what has ended long ago is forgotten',
    file: 'src/tasks/rescue/cleanup.ts',
    search: '  forgetDeliveries,\n',
    replacement: '',
    tests: [kept],
  },
  {
    name: 'a retired secret is forgotten',
    file: 'src/tasks/rescue/cleanup.ts',
    search: '  forgetRetired,\n',
    replacement: '',
    tests: [kept],
  },
  {
    name: 'the end of a task wakes those who tell of it',
    file: settle,
    search: "if (ended.some(isTold)) ctx.wake('deliver')",
    replacement: '',
    tests: [flow],
  },
  {
    name: 'one trial of a webhook at a time',
    file: 'src/webhooks/try.ts',
    search: 'if (accounts.has(accountId)) throw oneAtATime()',
    replacement: '',
    tests: ['test/http/webhook-trial.test.ts'],
  },
]
