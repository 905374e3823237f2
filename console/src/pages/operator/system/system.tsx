// The gateway itself: whether it is ready, what its ledger says, and what it holds.
import { call } from '../../../api/client.ts'
import { useAnswer, useStep } from '../../../api/queries.ts'
import { words as common } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { Facts } from '../../../parts/facts.tsx'
import { number } from '../../../parts/format.ts'
import { Panel, Skeleton } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Tag } from '../../../parts/status.tsx'
import { Time } from '../../../parts/time.tsx'
import { Heading } from '../../../shell/shell.tsx'
import { words } from '../words/words.ts'
import { Setup } from './setup.tsx'

export function System() {
  const text = words.value.system
  const { data: stats, error } = useAnswer('/admin/v1/stats', {}, { everyMs: 15_000 })
  const verify = useStep(async () => await call('get', '/admin/v1/ledger/verify'), ['/admin/v1/stats'])
  return (
    <>
      <Heading title={common.value.links.system} />
      <Problem error={error} />
      <div class="grid gap-4 lg:grid-cols-2 lg:items-start">
        <div class="grid min-w-0 gap-4">
          <Setup />
        </div>
        <div class="grid min-w-0 gap-4">
          <Panel
            title={text.ledger}
            actions={
              <Button disabled={verify.isPending} onClick={() => verify.mutate(undefined)}>
                {verify.isPending ? text.verifying : text.verify}
              </Button>
            }
          >
            <div class="grid gap-3">
              <Problem error={verify.error} />
              {verify.data && (
                <p role="status">
                  <Tag tone={verify.data.ok ? 'ok' : 'bad'}>{verify.data.ok ? text.right : text.wrong}</Tag>{' '}
                  {text.looked(number(verify.data.accounts), number(verify.data.entries))}
                </p>
              )}
              {verify.data?.drift.map(({ check, id, expected, found }) => (
                <p key={`${check}${id}`} class="text-bad">
                  {check} {id}: {expected} / {found}
                </p>
              ))}
              {!stats ? (
                <Skeleton />
              ) : (
                <Facts
                  facts={[
                    [text.drift, stats.ledger === null ? '–' : number(stats.ledger.broken.length)],
                    [
                      text.verifiedAt,
                      stats.ledger === null ? (
                        text.notYet
                      ) : (
                        <Time key="t" at={stats.ledger.verified_at_ms / 1000} />
                      ),
                    ],
                    [common.value.links.accounts, number(stats.accounts)],
                    [text.balances, number(stats.credits.balance)],
                    [words.value.report.charged, number(stats.credits.charged)],
                    [words.value.report.refunded, number(stats.credits.refunded)],
                  ]}
                />
              )}
            </div>
          </Panel>
          <Panel title={text.tasks}>
            {stats ? (
              <Facts
                facts={Object.entries(stats.tasks).map(([state, count]) => [state, number(count)] as const)}
              />
            ) : (
              <Skeleton />
            )}
          </Panel>
        </div>
      </div>
    </>
  )
}
