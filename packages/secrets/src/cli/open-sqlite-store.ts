import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { UsageError, type OpenStore } from "./io.ts";

/** What is used of `@lobstercontrol/sqlite`. It depends on this package, so nothing here depends on it. */
interface SqliteModule {
  createSqliteControlPlane(options: { path: string }): {
    secretStore: OpenStore["store"];
    close(): void;
  };
}

/**
 * Opens the provider keys of a SQLite control plane with the `@lobstercontrol/sqlite` of the project in the working directory,
 * so that the file is not taken to a version that the project does not know; with one beside this package otherwise.
 *
 * @throws {UsageError} when there is no such file or package
 */
export async function openSqliteStore(path: string): Promise<OpenStore> {
  // A control plane makes its file when there is none, which is not what anybody who looks for faults wants.
  if (!existsSync(path)) throw new UsageError("The file that --db names does not exist.");
  const { createSqliteControlPlane } = await loadSqlite();
  const { secretStore, close } = createSqliteControlPlane({ path });
  return { store: secretStore, close };
}

async function loadSqlite(): Promise<SqliteModule> {
  for (const from of [join(process.cwd(), "package.json"), fileURLToPath(import.meta.url)]) {
    const file = resolveFrom(from);
    if (file !== null) return (await import(pathToFileURL(file).href)) as SqliteModule;
  }
  throw new UsageError(
    "This needs @lobstercontrol/sqlite: run it in the folder of the project that uses it, or install it beside this package.",
  );
}

function resolveFrom(file: string): string | null {
  try {
    return createRequire(file).resolve("@lobstercontrol/sqlite");
  } catch {
    return null;
  }
}
