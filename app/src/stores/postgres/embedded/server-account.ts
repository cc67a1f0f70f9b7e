import { execFileSync } from "node:child_process";
import { userInfo } from "node:os";

/** Whom PostgreSQL runs as. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/** The account that Linux packages of PostgreSQL use too. */
const NAME = "postgres";

function accountOf(name: string): ServerAccount | undefined {
  try {
    const [uid, gid] = ["-u", "-g"].map((flag) =>
      Number(execFileSync("id", [flag, name], { stdio: ["ignore", "pipe", "ignore"] })),
    );
    return uid === undefined || gid === undefined ? undefined : { uid, gid };
  } catch {
    return undefined;
  }
}

/**
 * PostgreSQL refuses to run as root, and requires an account that has a name: root lends it `postgres`, and makes that
 * where it does not exist.
 * @returns undefined where this process is not root: the server runs as this process's account
 */
export function serverAccount(onProgress: (line: string) => void): ServerAccount | undefined {
  if (userInfo().uid !== 0) return undefined;
  const existing = accountOf(NAME);
  if (existing !== undefined) return existing;
  onProgress(`making the system account ${NAME}: PostgreSQL does not run as root`);
  execFileSync("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME], {
    stdio: "ignore",
  });
  const made = accountOf(NAME);
  if (made === undefined) throw new Error(`the account ${NAME} could not be made`);
  return made;
}
