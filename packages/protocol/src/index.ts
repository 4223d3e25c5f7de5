export * from './api-key.js'
export * from './errors.js'
export * from './money.js'
export * from './receipt.js'
