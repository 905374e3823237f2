// The form of an order, made from what the chosen model takes.
import { words } from '../../../language/language.ts'
import { TextArea } from '../../../parts/field.tsx'
import { Chips } from './chips.tsx'
import { chosenFields, valuesOf } from './choice.ts'
import type { Model, Order } from './choice.ts'
import { ImagesField } from './images-field.tsx'

interface FormProps {
  readonly model: Model
  readonly order: Order
  readonly onChange: (order: Order) => void
}

/** The gateway counts characters as people do, not in halves of them. */
const lengthOf = (text: string): number => [...text].length

export function OrderForm({ model, order, onChange }: FormProps) {
  const text = words.value.playground
  const promptMax = model.parameters['prompt']?.max
  const imagesMax = Math.max(...model.combinations.map(({ images }) => images.max), 0)
  const countMax = Math.max(...model.combinations.map((each) => each.generate_count_max), 1)
  return (
    <>
      <TextArea
        label={text.prompt}
        value={order.prompt}
        onInput={({ currentTarget }) => onChange({ ...order, prompt: currentTarget.value })}
        placeholder={text.promptExample}
        hint={promptMax === undefined ? undefined : text.length(lengthOf(order.prompt), promptMax)}
        wrong={promptMax !== undefined && lengthOf(order.prompt) > promptMax ? text.tooLong(promptMax) : null}
      />
      {imagesMax > 0 && (
        <ImagesField
          model={model}
          images={order.images}
          endImage={order.endImage}
          onChange={(images, endImage) => onChange({ ...order, images, endImage })}
        />
      )}
      {chosenFields
        .filter((field) => valuesOf(model, field).length > (field === 'generate_audio' ? 1 : 0))
        .map((field) => (
          <Chips
            key={field}
            model={model}
            order={order}
            field={field}
            values={valuesOf(model, field)}
            onChange={(value) => onChange({ ...order, chosen: { ...order.chosen, [field]: value } })}
          />
        ))}
      {countMax > 1 && (
        <Chips
          model={model}
          order={order}
          field="generate_count"
          values={Array.from({ length: Math.min(countMax, 4) }, (_, at) => at + 1)}
          onChange={(value) => onChange({ ...order, count: Number(value) })}
        />
      )}
    </>
  )
}
