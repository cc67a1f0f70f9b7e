import { ENV } from "../../contract/variables";
import { Database } from "./database";

/** Refuses every query with `STORE_UNAVAILABLE`, as a server that is away does. */
export function absentDatabase(): Database {
  return new Database({
    connect: async () => {
      throw new Error(`there is no database: ${ENV.databaseUrl} is not set`);
    },
    renew: () => {},
    end: async () => {},
  });
}
