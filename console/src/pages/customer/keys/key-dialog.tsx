// Makes a key, or changes the limits of one; a new key is shown once, with lines to paste.
import { useSignal } from '@preact/signals'
import { call, root } from '../../../api/client.ts'
import { useAnswer, useStep } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { Code } from '../../../parts/copy.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { Select, TextArea, TextField } from '../../../parts/field.tsx'
import { listOrNull, textIn, wholeOrNull } from '../../../parts/forms.ts'
import { Problem } from '../../../parts/problem.tsx'
import { useFirstOrder } from '../overview/teach.tsx'
import { amounts } from './key.ts'
import type { Key } from './key.ts'

interface KeyDialogProps {
  /** Null: a new one. */
  readonly of: Key | null
  readonly onClose: () => void
}

const daySeconds = 86_400

export function KeyDialog({ of: key, onClose }: KeyDialogProps) {
  const text = words.value.keys
  const { data: models } = useAnswer('/api/v1/models')
  const isTest = useSignal(key?.test ?? false)
  const secret = useSignal<string | null>(null)
  const save = useStep(
    async (form: FormData) => {
      const read = (name: string) => textIn(form, name)
      const limits = {
        ...Object.fromEntries(amounts.map((name) => [name, wholeOrNull(read(name))])),
        models: form.getAll('models').length > 0 ? form.getAll('models').map(String) : null,
        cidrs: listOrNull(read('cidrs')),
      }
      const days = read('days')
      const expiry =
        days === 'as-it-is'
          ? {}
          : { expires_at: days === '' ? null : Math.floor(Date.now() / 1000) + Number(days) * daySeconds }
      if (key) {
        await call('patch', '/api/v1/keys/{id}', {
          path: { id: key.id },
          body: { name: read('name'), limits, ...expiry },
        })
        onClose()
        return
      }
      const made = await call('post', '/api/v1/keys', {
        body: { name: read('name'), ...expiry, ...(isTest.value ? { test: true } : { limits }) },
      })
      secret.value = made.key
    },
    ['/api/v1/keys'],
  )
  if (secret.value !== null) return <NewKey secret={secret.value} onClose={onClose} />
  const days = [
    ...(key ? [{ value: 'as-it-is', text: text.asItIs }] : []),
    { value: '', text: text.never },
    ...[7, 30, 90, 365].map((count) => ({ value: String(count), text: text.days(count) })),
  ]
  return (
    <Dialog title={key ? text.changeNamed(key.name) : text.create} onClose={onClose}>
      <form
        class="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate(new FormData(event.currentTarget))
        }}
      >
        <TextField
          label={text.name}
          name="name"
          required
          maxLength={100}
          defaultValue={key?.name ?? ''}
          autoFocus
        />
        {!key && (
          <label class="flex items-center gap-2">
            <input
              type="checkbox"
              class="size-4 accent-accent"
              checked={isTest.value}
              onChange={({ currentTarget: { checked } }) => {
                isTest.value = checked
              }}
            />
            {text.makeTest}
          </label>
        )}
        <Select label={text.expiry} name="days" choices={days} />
        {!isTest.value && (
          <>
            <div class="grid grid-cols-2 gap-4">
              {amounts.map((name) => (
                <TextField
                  key={name}
                  label={text.limits[name]}
                  name={name}
                  type="number"
                  min={0}
                  step={1}
                  inputMode="numeric"
                  placeholder={text.noLimit}
                  defaultValue={key?.limits[name] ?? ''}
                />
              ))}
            </div>
            <fieldset class="grid gap-1.5">
              <legend class="mb-1.5 text-xs font-medium text-ink-2">{text.models}</legend>
              {(models?.models ?? []).map(({ id, name }) => (
                <label key={id} class="flex items-center gap-2">
                  <input
                    type="checkbox"
                    name="models"
                    value={id}
                    class="size-4 accent-accent"
                    defaultChecked={key?.limits.models?.includes(id) ?? false}
                  />
                  {name}
                </label>
              ))}
            </fieldset>
            <TextArea
              label={text.addresses}
              hint={text.addressesHint}
              name="cidrs"
              class="min-h-16"
              defaultValue={key?.limits.cidrs?.join('\n') ?? ''}
            />
          </>
        )}
        <Problem error={save.error} />
        <div class="flex justify-end gap-2">
          <Button onClick={onClose}>{words.value.cancel}</Button>
          <Button kind="primary" type="submit" disabled={save.isPending}>
            {key ? words.value.save : text.create}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function NewKey({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  const text = words.value.keys
  const origin = location.origin + root
  const order = useFirstOrder(secret)
  return (
    <Dialog title={text.made} onClose={onClose} closes="by its buttons">
      <p role="status">{text.shownOnce}</p>
      <Code text={secret} />
      <h3 class="font-semibold">cURL</h3>
      <Code text={order} />
      <h3 class="font-semibold">OpenAI SDK</h3>
      <Code text={`new OpenAI({\n  baseURL: '${origin}/v1',\n  apiKey: '${secret}',\n})`} />
      <h3 class="font-semibold">MCP</h3>
      <Code
        text={JSON.stringify(
          {
            mcpServers: { images: { url: `${origin}/mcp`, headers: { Authorization: `Bearer ${secret}` } } },
          },
          null,
          2,
        )}
      />
      <div class="flex justify-end">
        <Button kind="primary" onClick={onClose}>
          {text.kept}
        </Button>
      </div>
    </Dialog>
  )
}
