// The zone in which the gateway counts its days: all dates and times of a page are told in it.

export const zone = document.querySelector('meta[name=time-zone]')?.getAttribute('content') ?? 'UTC'

/** Short, as `UTC` or `GMT+8`. */
export const zoneName =
  new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'short' })
    .formatToParts(Date.now())
    .find(({ type }) => type === 'timeZoneName')?.value ?? zone
