// The overview: what is left and what it buys, how much was used, the last tasks, and the first steps.
import { useAnswer } from '../../../api/queries.ts'
import { brand } from '../../../brand.ts'
import { words } from '../../../language/language.ts'
import { ButtonLink } from '../../../parts/button.tsx'
import { day, number, percent, span } from '../../../parts/format.ts'
import { Panel, Skeleton, Tile, Tiles } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { to } from '../../../place.ts'
import { Heading } from '../../../shell/shell.tsx'
import { said } from '../../../shell/marks.tsx'
import { DaysByModel } from '../usage/lazy.ts'
import { Checklist } from './checklist.tsx'
import { purchasingPower } from './power.ts'
import { LastTasks } from './last-tasks.tsx'

const chartDays = 30

export function Overview() {
  const text = words.value.overview
  return (
    <>
      <Heading title={words.value.links.overview}>
        <ButtonLink kind="primary" href={to('/playground')}>
          {text.newTask}
        </ButtonLink>
      </Heading>
      <div class="flex flex-col gap-4 lg:flex-row lg:items-start">
        <div class="grid min-w-0 grow gap-4">
          <Balance />
          <Figures />
          <Panel title={text.creditsADay}>
            <div class="min-h-51">
              <DaysByModel from={day(chartDays - 1)} to={day()} />
            </div>
          </Panel>
          <LastTasks />
        </div>
        <div class="shrink-0 empty:hidden lg:w-[320px]">
          <Checklist />
        </div>
      </div>
    </>
  )
}

function Balance() {
  const text = words.value.overview
  const { data: credits, error } = useAnswer('/api/v1/credits')
  const { data: models } = useAnswer('/api/v1/models')
  const { buy_url: buyUrl = null, buy_text: buyText = null } = brand.value ?? {}
  const power = credits && models ? purchasingPower(credits.balance, models.models) : null
  return (
    <section
      aria-label={text.balance}
      class="flex flex-wrap items-end gap-3 rounded-[10px] border border-line bg-panel p-5"
    >
      <div class="grow">
        <p class="text-xs text-ink-2">{text.balance}</p>
        <Problem error={error} />
        {credits ? (
          <p class="num text-3xl font-semibold tracking-tight">
            <a href={to('/billing')} class="hover:underline">
              {number(credits.balance)}
            </a>
            <span class="ml-1.5 text-lg font-medium tracking-normal text-ink-2">
              {words.value.playground.credits}
            </span>
          </p>
        ) : (
          <div class="skeleton my-1 h-9 w-48" />
        )}
        <p class="num mt-1.5 min-h-4 text-xs text-ink-2">
          {[
            power && text.buys(power),
            credits && credits.in_flight > 0 && text.inFlight(number(credits.in_flight)),
            credits?.owed && text.owed(number(credits.owed)),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
      <ButtonLink href={to('/billing')}>{words.value.billing.redeem}</ButtonLink>
      {buyUrl && (
        <ButtonLink href={buyUrl} rel="noreferrer">
          {buyText ? said(buyText) : words.value.billing.buy}
        </ButtonLink>
      )}
    </section>
  )
}

const weekDays = 7

function Figures() {
  const text = words.value.overview
  const today = useAnswer('/api/v1/usage', { query: { from: day(), to: day() } })
  const week = useAnswer('/api/v1/usage', { query: { from: day(weekDays - 1), to: day() } })
  const before = useAnswer('/api/v1/usage', {
    query: { from: day(2 * weekDays - 1), to: day(weekDays) },
  })
  const { data: last } = useAnswer('/api/v1/tasks', { query: { status: 3, limit: 50 } })
  if (!today.data || !week.data) return <Skeleton lines={1} height={96} />
  const { total } = week.data
  const typical = (kind: 'image' | 'video') => {
    const waits = (last?.tasks ?? [])
      .flatMap((task) =>
        task.task_type === kind && task.finished_at !== null ? [task.finished_at - task.created_at] : [],
      )
      .toSorted((one, other) => one - other)
    return waits.length === 0 ? null : span(waits[Math.floor(waits.length / 2)] ?? 0)
  }
  const [image, video] = [typical('image'), typical('video')]
  return (
    <Tiles>
      <Tile
        label={text.today}
        value={number(today.data.total.net)}
        note={text.tasks(number(today.data.total.tasks))}
        href={to('/tasks', { from: day(), to: day() })}
      />
      <Tile
        label={text.week}
        value={number(total.net)}
        note={
          before.data && before.data.total.net > 0
            ? text.against(percent(total.net - before.data.total.net, before.data.total.net))
            : text.tasks(number(total.tasks))
        }
        href={to('/usage', { from: day(weekDays - 1), to: day() })}
      />
      <Tile
        label={text.succeeded}
        value={percent(total.succeeded, total.succeeded + total.failed)}
        note={text.cameBack(number(total.refunded))}
        href={to('/tasks', { status: 4, from: day(weekDays - 1), to: day() })}
      />
      <Tile
        label={text.typicalWait}
        value={image ?? video ?? '–'}
        note={image && video ? text.videoWait(video) : ''}
        href={to('/tasks', { status: 3 })}
      />
    </Tiles>
  )
}
