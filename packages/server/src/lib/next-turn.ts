/**
 * Lets everything else of this process have its turn. SQLite answers without waiting for one, so long
 * work on it that never comes here would freeze every stream.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
