// The playground: a model, an order, its price, and the result.
import { useSignal } from '@preact/signals'
import { useLocation } from 'preact-iso'
import { useEffect } from 'preact/hooks'
import { useAnswer } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Panel, Skeleton } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Heading } from '../../../shell/shell.tsx'
import { bodyOf, freshOrder, orderOf } from './choice.ts'
import type { Model, Order } from './choice.ts'
import { OrderForm } from './form.tsx'
import { Models } from './models.tsx'
import { Outcome } from './outcome.tsx'
import { RunBar } from './run-bar.tsx'

export function Playground() {
  const { data, error, refetch } = useAnswer('/api/v1/models')
  const { task: taskId } = useLocation().query
  const again = useAnswer(
    '/api/v1/tasks/{task_id}/details',
    { path: { task_id: taskId ?? '' } },
    { enabled: taskId !== undefined },
  )
  return (
    <>
      <Heading title={words.value.links.playground} />
      <Problem error={error} again={refetch} />
      {data && (taskId === undefined || again.data || again.error) ? (
        <Bench models={data.models} input={again.data?.input ?? {}} />
      ) : error ? null : (
        <Skeleton lines={6} height={40} />
      )}
    </>
  )
}

const takesImages = ({ combinations }: Model): boolean => combinations.some(({ images }) => images.max > 0)

interface BenchProps {
  readonly models: readonly Model[]
  /** Of the task that is ordered again. */
  readonly input: Readonly<Record<string, unknown>>
}

function Bench({ models, input }: BenchProps) {
  const { query, route, path } = useLocation()
  const taking = query['image'] ? models.filter(takesImages) : models
  const model = models.find(({ id }) => id === query['model']) ?? taking[0] ?? models[0]
  const order = useSignal<Order | null>(null)
  const taskIds = useSignal<readonly string[]>([])
  useEffect(() => {
    if (!model) return
    order.value = order.value
      ? freshOrder(model, order.value.prompt)
      : orderOf(model, {
          prompt: query['prompt'],
          image_urls: query['image'] ? [query['image']] : [],
          ...input,
        })
  }, [model?.id])
  if (!model) return <p>{words.value.playground.noModels}</p>
  const choose = (id: string) => route(`${path}?model=${encodeURIComponent(id)}`, true)
  return (
    <div class="grid gap-4 lg:grid-cols-[380px_1fr] lg:items-start">
      <form class="grid gap-4" onSubmit={(event) => event.preventDefault()}>
        <Models models={models} chosen={model.id} onChoose={choose} />
        {order.value && (
          <Panel>
            <div class="grid gap-4">
              <OrderForm
                model={model}
                order={order.value}
                onChange={(changed) => {
                  order.value = changed
                }}
              />
              <RunBar
                model={model}
                order={order.value}
                onRun={(ids) => {
                  taskIds.value = ids
                }}
              />
            </div>
          </Panel>
        )}
      </form>
      <Outcome
        taskIds={taskIds.value}
        model={model}
        body={order.value ? bodyOf(model, order.value) : {}}
        onUse={(url) => {
          if (order.value) order.value = { ...order.value, images: [url] }
        }}
      />
    </div>
  )
}
