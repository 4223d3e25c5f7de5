import { describe, expect, test } from 'vitest'
import { onlyPart, readForm, textOf } from './form.js'

const TYPE = 'multipart/form-data; boundary=XX'

const part = (name: string, content: string) =>
  `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}\r\n`
const form = (...parts: string[]) => Buffer.from(`${parts.join('')}--XX--\r\n`, 'latin1')
const model = part('model', 'm')
const headed = (...headers: string[]) => form(`--XX\r\n${headers.join('\r\n')}\r\n\r\nm\r\n`)
const disposed = (value: string) => headed(`Content-Disposition: ${value}`)

describe('a form', () => {
  test('is read with the exact bytes of each part', () => {
    const bytes = form(
      model,
      '--XX\r\ncontent-disposition: form-data; name=file; filename="a b.wav"\r\nContent-Type: audio/wav\r\n\r\n\r\n-XX\0\xff\r\n\r\n',
      part('timestamp_granularities[]', ''),
      part('timestamp_granularities[]', 'word')
    )
    const parts = readForm(bytes, TYPE)
    expect(parts.map(({ name, isFile, start, end }) => [name, isFile, bytes.toString('latin1', start, end)])).toEqual([
      ['model', false, 'm'],
      ['file', true, '\r\n-XX\0\xff\r\n'],
      ['timestamp_granularities[]', false, ''],
      ['timestamp_granularities[]', false, 'word']
    ])
    expect(textOf(bytes, parts, 'model')).toBe('m')
    expect(textOf(bytes, parts, 'language')).toBeUndefined()
  })

  test.each(['multipart/form-data; boundary="XX"', 'Multipart/Form-Data;boundary=XX'])('may be said as %s', (type) => {
    expect(readForm(form(model), type)).toHaveLength(1)
  })

  test.each([
    null,
    'application/json',
    'multipart/form-data',
    'multipart/mixed; boundary=XX',
    'multipart/form-data; boundary=XX; boundary=YY',
    'multipart/form-data; boundary="X\\X"'
  ])('is refused as %s', (type) => {
    expect(() => readForm(form(model), type)).toThrow(/^content-type: /)
  })

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['another boundary', Buffer.from('--YY--')],
    ['words before it', Buffer.concat([Buffer.from('hi\r\n'), form(model)])],
    ['words behind it', Buffer.concat([form(model), Buffer.from('hi')])],
    ['no end', Buffer.from(model)],
    ['a boundary that goes on', form(model.replace('--XX', '--XXX'))],
    ['a boundary in the midst of a part', form(part('file', 'a\n--XX\nb'))],
    [
      'a boundary right behind the headers',
      Buffer.from('--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n--XX--')
    ],
    ['a name twice in one part', disposed('form-data; name="a"; name="model"')],
    ['an escaped quote', disposed('form-data; filename="a\\"; name="model"')],
    ['a name with another way to write it', disposed('form-data; name*=utf-8\'\'model; name="a"')],
    ['an encoded name', disposed('form-data; name="%6dodel"')],
    ['no name', disposed('form-data')],
    ['another disposition', disposed('attachment; name="model"')],
    [
      'two dispositions',
      headed('Content-Disposition: form-data; name="a"', 'Content-Disposition: form-data; name="b"')
    ],
    ['a folded header', headed('Content-Disposition: form-data;', ' name="model"')],
    ['a bare line feed', headed('Content-Disposition: form-data; name="a"\nX: y')],
    ['an encoding', headed('Content-Disposition: form-data; name="model"', 'Content-Transfer-Encoding: base64')],
    ['too many parts', form(...Array.from({ length: 65 }, (_, i) => part(`a${i}`, '')))]
  ])('with %s is refused', (_what, bytes) => {
    expect(() => readForm(bytes, TYPE)).toThrow(/^body: the form /)
  })

  test('has each field that is read once, as text', () => {
    const twice = form(model, model)
    expect(() => onlyPart(readForm(twice, TYPE), 'model')).toThrow('model: is there twice; send it once')
    const file = disposed('form-data; name="model"; filename="a"')
    expect(() => textOf(file, readForm(file, TYPE), 'model')).toThrow('model: must be a field, not a file')
    const binary = form(part('model', '\xff'))
    expect(() => textOf(binary, readForm(binary, TYPE), 'model')).toThrow('not valid UTF-8')
  })
})
