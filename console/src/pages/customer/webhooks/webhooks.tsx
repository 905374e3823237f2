// The account's webhook: where it goes, which events, its secret, a test, and the deliveries.
import { useSignal } from '@preact/signals'
import { call } from '../../../api/client.ts'
import type { Answer } from '../../../api/client.ts'
import { useAnswer, useStep } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { Code } from '../../../parts/copy.tsx'
import { TextField } from '../../../parts/field.tsx'
import { Panel, Skeleton } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Time } from '../../../parts/time.tsx'
import { Heading } from '../../../shell/shell.tsx'
import { Deliveries } from './deliveries.tsx'

type Webhook = Answer<'/api/v1/webhooks'>
const types = ['task.succeeded', 'task.failed', 'task.running', 'balance.low'] as const

export function Webhooks() {
  const { data, error } = useAnswer('/api/v1/webhooks')
  return (
    <>
      <Heading title={words.value.links.webhooks} />
      <div class="grid gap-4">
        <Problem error={error} />
        {data ? (
          <div class="grid gap-4 lg:grid-cols-2 lg:items-start">
            <Endpoint key={data.url} webhook={data} />
            <Secret webhook={data} />
          </div>
        ) : (
          <Skeleton lines={4} height={32} />
        )}
        <Deliveries />
      </div>
    </>
  )
}

function Endpoint({ webhook }: { readonly webhook: Webhook }) {
  const text = words.value.webhooks
  const url = useSignal(webhook.url ?? '')
  const chosen = useSignal<readonly string[]>(webhook.event_types)
  const save = useStep(
    async () =>
      await call('put', '/api/v1/webhooks', {
        body: { url: url.value.trim() || null, event_types: chosen.value } as never,
      }),
    ['/api/v1/webhooks'],
  )
  const trial = useStep(
    async () => await call('post', '/api/v1/webhooks/test'),
    ['/api/v1/webhooks/deliveries'],
  )
  return (
    <Panel title={text.endpoint}>
      <form
        class="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate(undefined)
        }}
      >
        <TextField
          label={text.url}
          hint={text.urlHint}
          type="url"
          placeholder="https://example.com/hooks"
          value={url.value}
          onInput={({ currentTarget: { value } }) => {
            url.value = value
          }}
        />
        <fieldset class="grid gap-1.5">
          <legend class="mb-1.5 text-xs font-medium text-ink-2">{text.events}</legend>
          {types.map((type) => (
            <label key={type} class="flex items-center gap-2">
              <input
                type="checkbox"
                class="size-4 accent-accent"
                checked={chosen.value.includes(type)}
                onChange={({ currentTarget: { checked } }) => {
                  chosen.value = checked
                    ? [...chosen.value, type]
                    : chosen.value.filter((each) => each !== type)
                }}
              />
              <span class="font-mono text-xs whitespace-nowrap">{type}</span>
              <span class="text-xs text-ink-3">{text.eventHints[type]}</span>
            </label>
          ))}
        </fieldset>
        {!webhook.enabled && webhook.disabled_reason && <p class="text-wait">{webhook.disabled_reason}</p>}
        <Problem error={save.error ?? trial.error} />
        <div class="flex flex-wrap items-center gap-2">
          <Button kind="primary" type="submit" disabled={save.isPending}>
            {words.value.save}
          </Button>
          <Button disabled={webhook.url === null || trial.isPending} onClick={() => trial.mutate(undefined)}>
            {text.test}
          </Button>
          <p role="status" class="text-ink-2">
            {save.isSuccess && words.value.saved}
            {trial.data &&
              (trial.data.delivered
                ? text.delivered(trial.data.took_ms)
                : text.notDelivered(trial.data.error ?? String(trial.data.status)))}
          </p>
        </div>
      </form>
    </Panel>
  )
}

function Secret({ webhook }: { readonly webhook: Webhook }) {
  const text = words.value.webhooks
  const renew = useStep(async () => await call('post', '/api/v1/webhooks/secret'), ['/api/v1/webhooks'])
  return (
    <Panel title={text.secret}>
      <div class="grid gap-4">
        <p class="text-ink-2">{text.secretHint}</p>
        {webhook.secret_created_at !== null && (
          <p>
            {text.madeAt} <Time at={webhook.secret_created_at} />
          </p>
        )}
        {webhook.older_secrets_until !== null && (
          <p class="text-wait">
            {text.olderUntil} <Time at={webhook.older_secrets_until} />
          </p>
        )}
        {renew.data && (
          <>
            <p role="status">{text.shownOnce}</p>
            <Code text={renew.data.secret} />
          </>
        )}
        <Problem error={renew.error} />
        <div>
          <Button disabled={renew.isPending} onClick={() => renew.mutate(undefined)}>
            {webhook.has_secret ? text.rotate : text.make}
          </Button>
        </div>
      </div>
    </Panel>
  )
}
