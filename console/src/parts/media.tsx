// Results of tasks, large and as thumbnails.
import { useSignal } from '@preact/signals'
import { root } from '../api/client.ts'
import { words } from '../language/language.ts'
import { Icon } from './icons.tsx'

export interface Shown {
  readonly task_id: string
  readonly task_type: 'image' | 'video'
  readonly task_status: 1 | 2 | 3 | 4
  readonly image_url: string | null
  readonly video_url: string | null
  readonly thumbnail_url: string | null
  readonly width: number | null
  readonly height: number | null
  readonly result_expired: boolean
}

const publicUrl = document.querySelector('meta[name=public-url]')?.getAttribute('content') ?? ''

/** A kept file by the address that the reader came by, as a gateway may have several; others as they are. */
export function sourceOf(url: string): string {
  return publicUrl !== '' && url.startsWith(`${publicUrl}/`) ? root + url.slice(publicUrl.length) : url
}

export function Result({ task }: { readonly task: Shown }) {
  const url = task.video_url ?? task.image_url
  const { width, height } = task
  const shape = width && height ? { aspectRatio: `${width} / ${height}` } : {}
  if (task.result_expired || !url)
    return <p class="p-8 text-center text-ink-3">{words.value.media.expired}</p>
  return task.video_url ? (
    <video
      src={sourceOf(url)}
      controls
      playsInline
      loop
      aria-label={words.value.media.video}
      class="max-h-[70dvh] w-full rounded-lg bg-hover object-contain"
      style={shape}
    />
  ) : (
    <img
      src={sourceOf(url)}
      alt={words.value.media.image}
      class="max-h-[70dvh] w-full rounded-lg bg-hover object-contain"
      style={shape}
    />
  )
}

export function Thumbnail({ task, fill = false }: { readonly task: Shown; readonly fill?: boolean }) {
  const url = task.thumbnail_url ?? task.image_url
  const place = fill ? 'size-full' : 'size-10 rounded-md'
  const isGone = useSignal(false)
  if (task.task_status === 3 && url && !task.result_expired && !isGone.value) {
    return (
      <img
        src={sourceOf(url)}
        alt=""
        loading="lazy"
        class={`block bg-hover object-cover ${place}`}
        onError={() => {
          isGone.value = true
        }}
      />
    )
  }
  return (
    <span class={`grid place-items-center bg-hover text-ink-3 ${place}`}>
      <Icon name={task.task_type} />
    </span>
  )
}
