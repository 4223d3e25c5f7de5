/* The estimator's own sources, for bench/estimate.js to ask. */
export { estimateTextTokens, estimateTextTokensMost } from '../../packages/server/src/gateway/request/estimate.ts'
