/** Why a backup cannot be made, read or restored, in a person's words: one line. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

/** A part that differs from its entry in the manifest. */
export class DamagedPartError extends BackupError {
  constructor(file: string, why: string) {
    super(`${file} is damaged: ${why}`);
  }
}
