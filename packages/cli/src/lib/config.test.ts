import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { createTestContext } from '../testing/test-context.js'
import { createConfig, parseBaseUrl } from './config.js'
import { configDir, dataDir } from './paths.js'

test('the environment wins over the file, which wins over what is built in', async () => {
  const t = createTestContext()
  const env = { HOME: t.home }
  expect(createConfig(env, 'linux').get('base-url')).toMatchObject({
    value: 'https://caicaini.com',
    origin: 'built-in'
  })
  await createConfig(env, 'linux').set('base-url', 'http://127.0.0.1:8787/')
  expect(createConfig(env, 'linux').get('base-url')).toMatchObject({ value: 'http://127.0.0.1:8787', origin: 'config' })
  const config = createConfig({ ...env, CAICAINI_BASE_URL: 'https://other.test' }, 'linux')
  expect(config.get('base-url')).toMatchObject({ value: 'https://other.test', origin: 'environment' })
  await config.set('model', 'kimi')
  expect(JSON.parse(readFileSync(config.path, 'utf8'))).toEqual({ 'base-url': 'http://127.0.0.1:8787', model: 'kimi' })
})

test('a broken file is named', () => {
  const t = createTestContext()
  const { path } = createConfig({ HOME: t.home }, 'linux')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '{"model":')
  expect(() => createConfig({ HOME: t.home }, 'linux')).toThrow(path)
})

test.each(['caicaini.com', 'ftp://x', 'https://me:pw@x', 'https://x/?a=1', ''])('%o is no base URL', (text) => {
  expect(() => parseBaseUrl(text, 'base-url')).toThrow(/^base-url: must be an/)
})

test('each platform keeps things where it does', () => {
  expect(configDir({ HOME: '/h' }, 'darwin')).toBe('/h/.config/caicaini')
  expect(configDir({ HOME: '/h', XDG_CONFIG_HOME: '/x' }, 'linux')).toBe('/x/caicaini')
  expect(configDir({ APPDATA: '/r' }, 'win32')).toBe('/r/caicaini')
  expect(configDir({ HOME: '/h', CAICAINI_CONFIG_DIR: '/c' }, 'linux')).toBe('/c')
  expect(dataDir({ HOME: '/h' }, 'linux')).toBe('/h/.local/share/caicaini')
  expect(dataDir({ LOCALAPPDATA: '/l' }, 'win32')).toBe('/l/caicaini')
  expect(dataDir({ HOME: '/h', CAICAINI_DATA_DIR: '/d' }, 'linux')).toBe('/d')
  expect(dataDir({ HOME: '/h', CAICAINI_DATA_DIR: '/d' }, 'linux', '/flag')).toBe('/flag')
})
