/** What reaches every handler beside the request itself. */
export interface HttpEnv {
  Bindings: {
    /** Set by `Server.fetchLocal` alone, in process: the caller is the owner of the data directory. */
    readonly local?: true
    /** The peer's address where there is a socket. */
    readonly peer?: string
    /** Breaks the connection off, where there is one: for an answer that has no other way to say that it is not whole. */
    readonly cut?: () => void
  }
  Variables: {
    requestId: string
    startedAtMs: number
  }
}
