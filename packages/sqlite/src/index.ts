/**
 * The LobsterControl control plane on SQLite (`node:sqlite`): embedded, nothing to install.
 *
 * @packageDocumentation
 */
export type { SqliteAdminPort } from "./admin.ts";
export {
  createSqliteControlPlane,
  type SqliteControlPlane,
  type SqliteControlPlaneOptions,
} from "./control-plane.ts";
export {
  DatabaseBusyError,
  DatabaseClosedError,
  DatabaseError,
  DatabaseNewerError,
  DiskFailedError,
} from "./errors.ts";
export type { ContextOf } from "./store.ts";
