/** The system's name of an error, such as `EEXIST`; undefined where it has none. */
export function errorCode(thrown: unknown): unknown {
  return typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
}
