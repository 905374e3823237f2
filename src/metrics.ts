// The gateway's own metrics for Prometheus. No label ever names an account, a key or a task.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from '@prometheus-io/client'

export type Metrics = ReturnType<typeof createMetrics>

/** Most answers take well under a millisecond; a slow disk shows in the tail. */
const secondsBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

const metricErrorsName = 'tollgate_metric_errors_total'

/**
 * Process-wide metrics. The library measures some of them with timers that it never stops: collected per
 * gateway, they would go on after each had closed.
 */
const collectOfProcess = once(() => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
})

function once<Made>(make: () => Made): () => Made {
  let made: Made | undefined
  return () => (made ??= make())
}

/** Each gateway has its own registry, so that two in one process do not mix their counts. */
export function createMetrics() {
  const ofProcess = collectOfProcess()
  const registry = new Registry()
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    counterOf(new Counter({ name: `tollgate_${name}`, help, labelNames, registers }), labelNames)
  const metricErrors = counter('metric_errors_total', 'Metrics that could not be read.', ['metric'])
  return {
    registry,
    /** The text of all readable metrics: one that fails is counted and left out. */
    text: whileUnderWay(
      async () => await textOf([ofProcess, registry], (metric) => metricErrors.inc({ metric })),
    ),
    httpSeconds: new Histogram({
      name: 'tollgate_http_request_seconds',
      help: 'Time from request to answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: secondsBuckets,
      registers,
    }),
    tasksCreated: counter('tasks_created_total', 'Tasks charged and accepted.', ['model']),
    tasksEnded: counter('tasks_ended_total', 'Tasks that succeeded or failed.', ['model', 'state']),
    creditsCharged: counter('credits_charged_total', 'Credits taken for tasks.', ['model']),
    creditsRefunded: counter('credits_refunded_total', 'Credits given back for failed tasks.', ['model']),
    ...upstreamCounters(counter),
    callbacks: counter('callbacks_total', 'Callbacks of upstreams, by what became of them.', ['outcome']),
    hints: counter('callback_hints_total', 'Work named by callbacks and not known, by what was found.', [
      'upstream',
      'finding',
    ]),
    orphans: counter('orphans_total', 'Paid work upstream that no live task stands for.', ['reason']),
    webhookDeliveries: counter(
      'webhook_deliveries_total',
      'Tries to tell a receiver, by what came of them.',
      ['outcome'],
    ),
    mediaKept: counter('media_kept_total', 'Files of results, by what became of a try to keep them.', [
      'store',
      'outcome',
    ]),
    ledgerVerifyFailures: counter(
      'ledger_verify_failures_total',
      'Audits of the ledger that did not reach their end.',
      [],
    ),
    connectionsDropped: counter('connections_dropped_total', 'Connections of clients that were cut off.', [
      'reason',
    ]),
    requestsShed: counter('requests_shed_total', 'Requests refused because too much waits here.', [
      'kind',
      'reason',
    ]),
    metricErrors,
    descriptorShortages: counter(
      'descriptor_shortages_total',
      'Errors outside of any request because the system had no descriptor left.',
      [],
    ),
    loopErrors: counter('loop_errors_total', 'Turns of a background loop that threw.', ['loop']),
    ...gaugesOf(registers),
  }
}

interface LabelledCounts {
  readonly label: string
  /** The count of each value of the label. */
  readonly read: () => Promise<Record<string, number>>
}

function gaugesOf(registers: Registry[]) {
  return {
    gauge: (name: string, help: string, collect: (gauge: Gauge) => Promise<void>) =>
      new Gauge({
        name: `tollgate_${name}`,
        help,
        registers,
        async collect() {
          await collect(this)
        },
      }),
    labelledGauge: (name: string, help: string, { label, read }: LabelledCounts) =>
      new Gauge({
        name: `tollgate_${name}`,
        help,
        labelNames: [label],
        registers,
        async collect() {
          for (const [value, count] of Object.entries(await read())) this.set({ [label]: value }, count)
        },
      }),
  }
}

type CreateCounter = <Label extends string>(
  name: string,
  help: string,
  labelNames: Label[],
) => ReturnType<typeof counterOf<Label>>

const upstreamCounters = (counter: CreateCounter) => ({
  submits: counter('upstream_submits_total', 'Orders posted upstream, by what became of them.', [
    'upstream',
    'outcome',
  ]),
  ordersPassedOver: counter(
    'orders_passed_over_total',
    'Orders that took another route, because the upstream of theirs was out of order.',
    ['from', 'to'],
  ),
  polls: counter('upstream_polls_total', 'Questions put upstream, by what they were answered.', [
    'upstream',
    'outcome',
  ]),
  foreignAnswers: counter(
    'upstream_foreign_answers_total',
    'Answers at the address of an upstream that were not its own: a page, a portal, another API.',
    ['upstream'],
  ),
  idsOmitted: counter('upstream_ids_omitted_total', 'Ids of one answer beyond all that are read.', [
    'upstream',
  ]),
})

/** Requests during a reading share it: a reading takes milliseconds, and any client may ask. */
function whileUnderWay(read: () => Promise<string>): () => Promise<string> {
  let reading: Promise<string> | null = null
  return async () =>
    await (reading ??= read().finally(() => {
      reading = null
    }))
}

async function textOf(registries: readonly Registry[], onError: (metric: string) => void): Promise<string> {
  const texts: string[] = []
  const readers = registries.flatMap((registry) => {
    const metrics = registry.getMetricsAsArray() as unknown as readonly { readonly name: string }[]
    return metrics.map(({ name }) => ({ name, read: () => registry.getSingleMetricAsString(name) }))
  })
  // The count of failures is read last, so that it includes this reading.
  const isCount = ({ name }: { readonly name: string }): boolean => name === metricErrorsName
  for (const some of [readers.filter((reader) => !isCount(reader)), readers.filter(isCount)]) {
    // Beside each other: while the store hangs, each of its readings is waited for.
    const readings = await Promise.allSettled(some.map(async ({ read }) => await read()))
    for (const [index, reading] of readings.entries()) {
      if (reading.status === 'fulfilled') texts.push(reading.value)
      else onError(some[index]?.name ?? '')
    }
  }
  return `${texts.join('\n\n')}\n`
}

/** Looking up the counter for a set of labels costs more than counting, so lookups are cached. */
function counterOf<Label extends string>(counter: Counter<Label>, labelNames: readonly Label[]) {
  const known = new Map<string, { inc(value?: number): void }>()
  return {
    inc(labels: Readonly<Record<Label, string>>, value = 1): void {
      const name = labelNames.map((label) => labels[label]).join('\n')
      let child = known.get(name)
      if (!child) {
        child = counter.labels(...labelNames.map((label) => labels[label]))
        known.set(name, child)
      }
      child.inc(value)
    },
  }
}
