// The same rows as a file of comma-separated values: all of them, whatever page is shown.
import { readCsv, saveAs } from '../api/csv.ts'
import type { Read } from '../api/queries.ts'
import { useStep } from '../api/queries.ts'
import { words } from '../language/language.ts'
import { Button } from './button.tsx'
import { number } from './format.ts'
import { Icon } from './icons.tsx'
import { reasonOf } from './problem.tsx'

interface CsvProps {
  readonly of: Pick<Read<unknown>, 'url'>
  /** Of the file. */
  readonly name: string
}

export function Csv({ of: { url }, name }: CsvProps) {
  const step = useStep(async () => {
    const { text, rowsMax } = await readCsv(url)
    saveAs(name, text)
    return rowsMax
  })
  return (
    <>
      <Button disabled={step.isPending} onClick={() => step.mutate(undefined)}>
        <Icon name="download" />
        CSV
      </Button>
      {step.error ? (
        <p role="alert" class="text-bad">
          {reasonOf(step.error)}
        </p>
      ) : (
        step.data && (
          <p role="status" class="text-wait">
            {words.value.csvCut(number(step.data))}
          </p>
        )
      )}
    </>
  )
}
