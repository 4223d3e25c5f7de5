import { expect, test } from 'vitest'
import { createRegistry } from './instruments.js'

test('counters, gauges and histograms in Prometheus’ text', () => {
  const registry = createRegistry()
  const asked = registry.counter({ name: 'asked_total', help: 'How often.' })
  asked.add({ model: 'a"b\\c\nd' })
  asked.add({ model: 'a"b\\c\nd' }, 1.5)
  const open = registry.gauge({ name: 'open', help: 'Now.' })
  open.set([{ labels: { name: 'gone' }, value: 1 }])
  open.set([{ labels: {}, value: 3 }])
  const time = registry.histogram({ name: 'time_seconds', help: 'How long.', bounds: [0.5, 1] })
  for (const seconds of [0.5, 0.75, 7]) time.observe({}, seconds)
  expect(registry.text()).toBe(
    [
      '# HELP asked_total How often.',
      '# TYPE asked_total counter',
      'asked_total{model="a\\"b\\\\c\\nd"} 2.5',
      '# HELP open Now.',
      '# TYPE open gauge',
      'open 3',
      '# HELP time_seconds How long.',
      '# TYPE time_seconds histogram',
      'time_seconds_bucket{le="0.5"} 1',
      'time_seconds_bucket{le="1"} 2',
      'time_seconds_bucket{le="+Inf"} 3',
      'time_seconds_sum 8.25',
      'time_seconds_count 3',
      ''
    ].join('\n')
  )
})
