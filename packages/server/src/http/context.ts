/** What reaches every handler beside the request itself. */
export interface HttpEnv {
  Bindings: {
    /** Set by `Server.fetchLocal` alone, in process: the caller is the owner of the data directory. */
    readonly local?: true
    /** The peer's address where there is a socket. */
    readonly peer?: string
  }
  Variables: {
    requestId: string
    startedAtMs: number
  }
}
