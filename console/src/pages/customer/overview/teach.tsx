// Pages that are still empty teach with a command that works as it stands: it asks for the key.
import { root } from '../../../api/client.ts'
import { useAnswer } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Code } from '../../../parts/copy.tsx'
import { Empty } from '../../../parts/panel.tsx'
import { codeIn } from '../playground/examples.ts'

const origin = location.origin + root
/** Asked for where the command runs: who signed in by a link or a password has shown no key. */
const askKey = "printf 'API key: '; read -r KEY; "

/** An order to begin with, of a model that is on sale. */
export function useFirstOrder(key?: string): string {
  const { data } = useAnswer('/api/v1/models')
  const models = data?.models ?? []
  const model = models.find(({ task_type: type }) => type === 'image') ?? models[0]
  const order = codeIn('cURL', {
    origin,
    key: key ?? '$KEY',
    body: { model_id: model?.id ?? '', prompt: 'a serene zen garden at sunrise' },
  })
  return key === undefined ? askKey + order : order
}

export function FirstOrder() {
  return (
    <Empty title={words.value.overview.noTasks}>
      <Code text={useFirstOrder()} />
    </Empty>
  )
}

interface TeachProps {
  readonly title: string
  readonly path: string
  readonly method: 'PUT' | 'POST'
  readonly body: Readonly<Record<string, unknown>>
}

/** Another call to begin with. */
export function Teach({ title, path, method, body }: TeachProps) {
  return (
    <Empty title={title}>
      <Code text={askKey + codeIn('cURL', { origin, key: '$KEY', body, path, method })} />
    </Empty>
  )
}
