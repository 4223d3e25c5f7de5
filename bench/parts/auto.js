/* The router's own sources, for bench/auto.js to ask. */
export { loadCatalog } from '../../packages/server/src/catalog/load.ts'
export { chooseModel } from '../../packages/server/src/gateway/auto/auto-route.ts'
export { needsOf } from '../../packages/server/src/gateway/auto/needs.ts'
export { createPins } from '../../packages/server/src/gateway/auto/pins.ts'
