// Alerts: told once, in order, not too often, and without a secret or a mention.
import type { Guard } from '../guard.ts'

const watched = 'test/alerts/watch.test.ts'
const received = 'test/alerts/receivers.test.ts'
const rules = 'test/alerts/rules.test.ts'
const dayReport = 'test/alerts/day-report.test.ts'

const watch = 'src/alerts/watch.ts'
const deliver = 'src/alerts/deliver.ts'
const send = 'src/alerts/receivers/send.ts'
const formats = 'src/alerts/receivers/formats.ts'
const escape = 'src/alerts/receivers/escape.ts'

export const guards: readonly Guard[] = [
  {
    name: 'what is found again is not told again',
    file: watch,
    search: 'if (!opened) continue',
    replacement: 'if (!opened) await Promise.resolve()',
    tests: [watched],
  },
  {
    name: 'one instance looks for all',
    file: watch,
    search: "if (rule.scope === 'store' && !isFirst) continue",
    replacement: '',
    tests: [watched],
  },
  {
    name: 'a rule that could not look ends nothing',
    file: watch,
    search: ' && !unseen.has(rule)',
    replacement: '',
    tests: [watched],
  },
  {
    name: 'something is found for as long as its rule asks for',
    file: watch,
    search: 'if (!isDue) continue',
    replacement: '',
    tests: [watched],
  },
  {
    name: 'a receiver has a number of messages for an hour',
    file: 'src/alerts/messages.ts',
    search: '(within?.messages ?? 0) >= config.alerts.perHour',
    replacement: '(within?.messages ?? 0) < 0',
    tests: [watched],
  },
  {
    name: 'an end is told to those who were told the beginning',
    file: watch,
    search: "if (state !== 'held_back')",
    replacement: "if (state !== 'failed')",
    tests: [watched],
  },
  {
    name: 'alerts are not forgotten by a clock that is not trusted, nor at once',
    file: watch,
    search: 'clock.now() - keptMs)}`',
    replacement: 'clock.now())}`',
    tests: [watched],
  },
  {
    name: 'what was held back is told when there is room, before what is new',
    file: watch,
    search: 'if (isFirst) await putUpHeldBack(ctx)',
    replacement: '',
    tests: ['test/alerts/held-back.test.ts'],
  },
  {
    name: 'what was held back is told only while it is so',
    file: 'src/alerts/store.ts',
    search: "OR (${alerts.recoveredAt} IS NULL AND ${alerts.seenAt} > ${sql.placeholder('seenAfter')}))`",
    replacement: "OR ${alerts.seenAt} <> ${sql.placeholder('seenAfter')})`",
    tests: ['test/alerts/held-back.test.ts'],
  },
  {
    name: 'a beginning is told before its end',
    file: 'src/alerts/store.ts',
    search: "sql`(${messages.kind} = 'fired' OR NOT ${isFirstPending})`,",
    replacement: '',
    tests: [watched],
  },
  {
    name: 'a message is sent by one of those who find it due',
    file: deliver,
    search: 'if (!claimed) return',
    replacement: 'if (!claimed) await Promise.resolve()',
    tests: [watched],
  },
  {
    name: 'an answer that repeats a secret is not shown with it',
    file: send,
    search: "replaceAll(each, '••••')",
    replacement: 'replaceAll(each, each)',
    tests: [received],
  },
  {
    name: 'Feishu refuses with HTTP 200',
    file: formats,
    search: 'isOk(status) && (code ?? StatusCode) === 0',
    replacement: 'isOk(status)',
    tests: [received],
  },
  {
    name: 'a name mentions nobody in Slack',
    file: escape,
    search: 'slack: forSlack',
    replacement: 'slack: (text) => text',
    tests: [received],
  },
  {
    name: 'a name mentions nobody in Feishu',
    file: escape,
    search: 'feishu: withoutTags',
    replacement: 'feishu: (text) => text',
    tests: [received],
  },
  {
    name: 'a day is told once over all starts',
    file: 'src/alerts/day-report.ts',
    search: 'subject: date, facts',
    replacement: 'subject: `${date} ${nowMs}`, facts',
    tests: [dayReport],
  },
  {
    name: 'a day is told once its hour in the zone of reports has come',
    file: 'src/alerts/day-report.ts',
    search: 'beginningOf(timeZone, today) + atHour * hourMs',
    replacement: 'beginningOf(timeZone, today)',
    tests: [dayReport],
  },
  {
    name: 'who spent all and has credits again is at zero no more',
    file: 'src/alerts/rules/upkeep.ts',
    search: "cause === 'refused' || balance === 0",
    replacement: 'cause !== null || balance === 0',
    tests: [rules],
  },
]
