// The same figures as a file of comma-separated values.
import { download } from '../api/client.ts'
import { useStep } from '../api/queries.ts'
import { Button } from './button.tsx'
import { Icon } from './icons.tsx'
import { reasonOf } from './problem.tsx'

interface CsvProps {
  /** Of the answer, by `urlOf`. */
  readonly url: string
  /** Of the file. */
  readonly name: string
}

export function Csv({ url, name }: CsvProps) {
  const step = useStep(async () => await download(url, { type: 'text/csv', name }))
  return (
    <>
      <Button disabled={step.isPending} onClick={() => step.mutate(undefined)}>
        <Icon name="download" />
        CSV
      </Button>
      {step.error && (
        <p role="alert" class="text-bad">
          {reasonOf(step.error)}
        </p>
      )}
    </>
  )
}
