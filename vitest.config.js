import { defineConfig } from 'vitest/config'

const common = { environment: 'node', testTimeout: 20_000, hookTimeout: 30_000, restoreMocks: true }

export default defineConfig({
  test: {
    projects: [
      { test: { ...common, name: 'unit', include: ['packages/*/src/**/*.test.{ts,tsx}', 'scripts/**/*.test.js'] } },
      {
        test: { ...common, name: 'e2e', include: ['packages/*/test/**/*.test.ts'], testTimeout: 60_000, maxWorkers: 2 }
      },
      {
        test: {
          ...common,
          name: 'browser',
          include: ['packages/*/test-browser/**/*.test.ts'],
          testTimeout: 60_000,
          // The package's Chromium unpacks itself into one place.
          maxWorkers: 1
        }
      },
      {
        test: { ...common, name: 'install', include: ['packages/*/test-install/**/*.test.ts'], maxWorkers: 1 }
      },
      {
        test: {
          ...common,
          name: 'clients',
          include: ['packages/*/test-clients/**/*.test.ts'],
          globalSetup: ['packages/server/test-clients/install.ts'],
          testTimeout: 120_000,
          maxWorkers: 1
        }
      }
    ]
  }
})
