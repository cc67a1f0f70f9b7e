import {
  type CompiledQuery,
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  type Migration,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";

/** What a step does that gateways of the last release would not survive, and why. */
const BREAKING: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/\bdrop\s+(table|column|index|constraint|type|schema|view)\b/i, "drops something that the last release may use"],
  [/\brename\b/i, "renames something that the last release uses by its old name"],
  [/\balter\s+column\s+\S+\s+(set\s+data\s+)?type\b/i, "changes a column's type"],
  [/\balter\s+column\s+\S+\s+set\s+not\s+null\b/i, "the last release may still write null"],
  [/\btruncate\b|\bdelete\s+from\b/i, "deletes rows"],
  [
    /\badd\s+(column\s+)?(if\s+not\s+exists\s+)?"?\w+"?\s(?=[^,]*\bnot\s+null\b)(?![^,]*\bdefault\b)/i,
    "the last release does not write the new column",
  ],
];

/** A statement that fails the second time: every step must be safe to run twice. */
const CREATES = /^\s*create\s+(unique\s+)?(table|index|type)\b(?!\s+(concurrently\s+)?if\s+not\s+exists)/i;

/** What is wrong with a step that only expands. Steps named `NNNN-contract-since-MMMM-…` are judged by people. */
export async function violations(name: string, step: Migration): Promise<string[]> {
  if (/^\d{4}-contract-since-\d{4}-/.test(name)) return [];
  const statements = await statementsOf(step);
  if (statements.length === 0) return [`${name}: does nothing`];
  return statements.flatMap((statement) => [
    ...BREAKING.filter(([pattern]) => pattern.test(statement)).map(([, why]) => `${name}: ${why}: ${statement}`),
    ...(CREATES.test(statement) ? [`${name}: fails when it is run twice: ${statement}`] : []),
  ]);
}

/** The SQL that a step would send. */
async function statementsOf(step: Migration): Promise<string[]> {
  const statements: string[] = [];
  const connection: DatabaseConnection = {
    executeQuery: async ({ sql }: CompiledQuery) => {
      statements.push(sql);
      return { rows: [] };
    },
    streamQuery: () => {
      throw new Error("a migration reads no stream");
    },
  };
  class RecordingDriver extends DummyDriver {
    override acquireConnection = async () => connection;
  }
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new RecordingDriver(),
      createIntrospector: (own) => new PostgresIntrospector(own),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  await step.up(db);
  return statements;
}
