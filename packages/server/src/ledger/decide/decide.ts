import { assertNever } from '@caicaini/protocol'
import type { Book } from '../book.js'
import type { LedgerOp, ResultOf } from '../model.js'
import { decideGrant } from './grant.js'
import { decideHold } from './hold.js'
import { decideRefund } from './refund.js'
import { decideRelease, decideSettle } from './resolve.js'
import { decideExpire, decideTake } from './take.js'

/** Decides one operation on the book: what changes, and what its caller is told. Pure. */
export function decide(book: Book, op: LedgerOp): ResultOf[LedgerOp['kind']] {
  switch (op.kind) {
    case 'grant':
      return decideGrant(book, op)
    case 'hold':
      return decideHold(book, op)
    case 'settle':
      return decideSettle(book, op)
    case 'release':
      return decideRelease(book, op)
    case 'expire':
      return decideExpire(book, op)
    case 'forfeit':
    case 'adjust':
      return decideTake(book, op)
    case 'refund':
      return decideRefund(book, op)
    default:
      return assertNever(op)
  }
}
