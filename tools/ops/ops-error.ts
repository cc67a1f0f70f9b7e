/** A reason to stop, in one line for people. */
export class OpsError extends Error {
  override readonly name = "OpsError";
}
