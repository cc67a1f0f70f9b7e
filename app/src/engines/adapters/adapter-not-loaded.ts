/** Why an adapter is not on an endpoint. */
export class AdapterNotLoadedError extends Error {
  override readonly name = "AdapterNotLoadedError";
}

/** Every place is taken by an adapter that may not leave. Says nothing about the adapter that was to be loaded. */
export class NoRoomError extends AdapterNotLoadedError {
  /** Whether idle ones were spared for the caller's sake: no failure, since requests decide which of them stay. */
  readonly spared: boolean;

  constructor(message: string, spared: boolean) {
    super(message);
    this.spared = spared;
  }
}
