/* The server, bundled with `no-ledger.js` in the place of its ledger. */
export { createServer } from '../../packages/server/src/index.ts'
