// Pictures of an order: by URL, dropped, pasted or chosen; the first, further ones, and a last frame.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { call } from '../../../api/client.ts'
import { words } from '../../../language/language.ts'
import { Button, IconButton } from '../../../parts/button.tsx'
import { TextField } from '../../../parts/field.tsx'
import { Icon } from '../../../parts/icons.tsx'
import { Problem } from '../../../parts/problem.tsx'
import type { Model } from './choice.ts'

const bytesMax = 20 * 1024 * 1024

interface ImagesProps {
  readonly model: Model
  readonly images: readonly string[]
  readonly endImage: string | null
  readonly onChange: (images: readonly string[], endImage: string | null) => void
}

export function ImagesField({ model, images, endImage, onChange }: ImagesProps) {
  const text = words.value.playground
  const max = Math.max(...model.combinations.map((each) => each.images.max))
  const takesEnd = model.combinations.some((each) => each.end_image_url)
  const failure = useSignal<unknown>(null)
  const tooLarge = useSignal('')
  const uploading = useSignal(0)
  const isOver = useSignal(false)
  const take = async (files: readonly File[]) => {
    failure.value = null
    tooLarge.value = ''
    const urls: string[] = []
    for (const file of files.slice(0, max - images.length)) {
      if (file.size > bytesMax) {
        tooLarge.value = file.name
        continue
      }
      uploading.value++
      try {
        urls.push(await upload(file))
      } catch (error) {
        failure.value = error
      } finally {
        uploading.value--
      }
    }
    if (urls.length > 0) onChange([...images, ...urls], endImage)
  }
  // Wherever the reader is on the page: a text that is pasted stays a text.
  useEffect(() => {
    const paste = ({ clipboardData }: ClipboardEvent) => void take(picturesIn(clipboardData))
    document.addEventListener('paste', paste)
    return () => document.removeEventListener('paste', paste)
  })
  return (
    <fieldset
      class="grid gap-2"
      onDragOver={(event) => {
        event.preventDefault()
        isOver.value = true
      }}
      onDragLeave={() => {
        isOver.value = false
      }}
      onDrop={(event) => {
        event.preventDefault()
        isOver.value = false
        void take(picturesIn(event.dataTransfer))
      }}
    >
      <legend class="mb-1.5 text-xs font-medium text-ink-2">{text.images(max)}</legend>
      {images.map((url, at) => (
        <Picture
          key={url}
          url={url}
          onRemove={() =>
            onChange(
              images.filter((_, other) => other !== at),
              endImage,
            )
          }
        />
      ))}
      {images.length < max && (
        <Bring
          isOver={isOver.value}
          isBusy={uploading.value > 0}
          onFiles={take}
          onUrl={(url) => onChange([...images, url], endImage)}
        />
      )}
      {takesEnd && (
        <TextField
          label={text.fields.end_image_url}
          type="url"
          placeholder="https://"
          value={endImage ?? ''}
          onInput={({ currentTarget: { value } }) => onChange(images, value.trim() || null)}
        />
      )}
      {tooLarge.value && (
        <p role="alert" class="text-xs text-bad">
          {text.tooLarge(tooLarge.value)}
        </p>
      )}
      <Problem error={failure.value} />
    </fieldset>
  )
}

function picturesIn(brought: DataTransfer | null): File[] {
  return [...(brought?.files ?? [])].filter(({ type }) => type.startsWith('image/'))
}

async function upload(file: File): Promise<string> {
  const form = new FormData()
  form.set('file', file)
  const { url } = await call('post', '/api/v1/files', { body: form as never })
  return url
}

function Picture({ url, onRemove }: { readonly url: string; readonly onRemove: () => void }) {
  return (
    <div class="flex items-center gap-2 rounded-lg border border-line px-2 py-1">
      <Icon name="image" />
      <span class="min-w-0 grow truncate font-mono text-xs">{url}</span>
      <IconButton icon="close" text={words.value.playground.removeImage} onClick={onRemove} />
    </div>
  )
}

function Bring({
  isOver,
  isBusy,
  onFiles,
  onUrl,
}: {
  readonly isOver: boolean
  readonly isBusy: boolean
  readonly onFiles: (files: readonly File[]) => Promise<void>
  readonly onUrl: (url: string) => void
}) {
  const text = words.value.playground
  const url = useSignal('')
  const add = () => {
    if (url.value.trim() === '') return
    onUrl(url.value.trim())
    url.value = ''
  }
  return (
    <div
      class={`grid gap-2 rounded-lg border-[1.5px] border-dashed p-3 ${isOver ? 'border-accent bg-accent-soft' : 'border-line-strong'}`}
    >
      <label class="cursor-pointer text-center text-xs text-ink-3 has-focus-visible:outline-2 has-focus-visible:outline-accent">
        {isBusy ? text.uploading : text.drop}
        <input
          type="file"
          accept="image/*"
          multiple
          class="sr-only"
          onChange={({ currentTarget }) => {
            void onFiles([...(currentTarget.files ?? [])])
            currentTarget.value = ''
          }}
        />
      </label>
      <div class="flex gap-2">
        <input
          type="url"
          aria-label={text.imageUrl}
          placeholder="https://…"
          value={url.value}
          class="h-8 min-w-0 grow rounded-lg border border-line-strong bg-panel px-3"
          onInput={({ currentTarget: { value } }) => {
            url.value = value
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            event.preventDefault()
            add()
          }}
        />
        <Button onClick={add}>{text.addImage}</Button>
      </div>
    </div>
  )
}
