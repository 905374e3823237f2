// The playground: a model, an order, its price, and the result.
import { useSignal } from '@preact/signals'
import { useLocation } from 'preact-iso'
import { useEffect } from 'preact/hooks'
import { useAnswer } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Panel, Skeleton } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Heading } from '../../../shell/shell.tsx'
import { bodyOf, freshOrder } from './choice.ts'
import type { Model, Order } from './choice.ts'
import { OrderForm } from './form.tsx'
import { Models } from './models.tsx'
import { Outcome } from './outcome.tsx'
import { RunBar } from './run-bar.tsx'

export function Playground() {
  const { data, error, refetch } = useAnswer('/api/v1/models')
  return (
    <>
      <Heading title={words.value.links.playground} />
      <Problem error={error} again={refetch} />
      {data ? <Bench models={data.models} /> : error ? null : <Skeleton lines={6} height={40} />}
    </>
  )
}

function Bench({ models }: { readonly models: readonly Model[] }) {
  const { query, route, path } = useLocation()
  const model = models.find(({ id }) => id === query['model']) ?? models[0]
  const order = useSignal<Order | null>(null)
  const taskIds = useSignal<readonly string[]>([])
  useEffect(() => {
    if (!model) return
    const fresh = freshOrder(model, order.value?.prompt ?? query['prompt'] ?? '')
    const image = query['image']
    order.value = image ? { ...fresh, images: [image] } : fresh
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
