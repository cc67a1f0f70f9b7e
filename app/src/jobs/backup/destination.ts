/** A file or an object. */
export interface StoredObject {
  /** Below the destination, with `/` between its segments. */
  readonly name: string;
  readonly bytes: number;
}

/** Where backups lie: a bucket or a folder. */
export interface BackupDestination {
  /** For people. */
  readonly address: string;
  /**
   * Writes an object that is not there yet. Nothing can be seen of it before all of it is written.
   * @throws Error where it is there, or the content's own error
   */
  write(name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** @throws BackupError where there is no such object */
  read(name: string): AsyncIterable<Uint8Array>;
  /** Every object, in no order. */
  list(): Promise<readonly StoredObject[]>;
  /** An object that is not there is no error. @throws BackupError where the destination keeps it */
  delete(name: string): Promise<void>;
}
