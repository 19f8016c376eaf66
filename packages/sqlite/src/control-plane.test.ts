import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidInputError, NotFoundError, TooManyTokensError } from "@lobstercontrol/core";
import { runtimePortSuite } from "@lobstercontrol/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSqliteControlPlane, type SqliteControlPlane } from "./control-plane.ts";

runtimePortSuite("SQLite", (options) => createSqliteControlPlane({ path: ":memory:", ...options }));

describe("service tokens", () => {
  let folder: string;
  let controlPlane: SqliteControlPlane;
  const admin = () => controlPlane.admin({ id: "user-1" }, "acme");

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "lobster-"));
    controlPlane = createSqliteControlPlane({ path: join(folder, "lobster.db") });
    await controlPlane.platform.upsertAccount({ account: "acme" });
  });
  afterEach(() => {
    controlPlane.close();
    rmSync(folder, { recursive: true });
  });

  it("are stored as a hash alone (promise 8's habit)", async () => {
    const { token } = await admin().issueServiceToken();
    for (const file of ["lobster.db", "lobster.db-wal"])
      expect(readFileSync(join(folder, file)).includes(token.reveal())).toBe(false);
    expect(JSON.stringify([await admin().serviceTokens(), (await admin().activities()).items])).not.toContain(
      token.reveal(),
    );
  });

  it("are two at most, so that one can be replaced without a pause", async () => {
    const first = await admin().issueServiceToken();
    await admin().issueServiceToken();
    await expect(admin().issueServiceToken()).rejects.toThrow(TooManyTokensError);
    await admin().revokeServiceToken(first.id);
    await admin().issueServiceToken();
    expect(await admin().serviceTokens()).toHaveLength(2);
  });

  it("leave a line in the audit log, with who did it", async () => {
    const { id } = await admin().issueServiceToken();
    await admin().revokeServiceToken(id);
    expect((await admin().activities()).items).toMatchObject([
      { type: "service_token_revoked", actor: "user-1", subject: id },
      { type: "service_token_issued", actor: "user-1", subject: id },
    ]);
  });

  it("cannot be revoked by another account's admin, nor issued for no account", async () => {
    await controlPlane.platform.upsertAccount({ account: "other" });
    const { id } = await admin().issueServiceToken();
    const other = controlPlane.admin({ id: "user-2" }, "other");
    await expect(other.revokeServiceToken(id)).rejects.toThrow(NotFoundError);
    expect((await other.activities()).items).toEqual([]);
    await expect(controlPlane.admin({ id: "u" }, "nobody").issueServiceToken()).rejects.toThrow(
      NotFoundError,
    );
  });
});

describe("lists", () => {
  it("come newest first, page by page, each row once", async () => {
    const controlPlane = createSqliteControlPlane({ path: ":memory:" });
    await controlPlane.platform.upsertAccount({ account: "acme" });
    for (const agent of ["writer", "reviewer"])
      await controlPlane.platform.upsertAgent({ account: "acme", agent });
    for (let index = 0; index < 7; index++) {
      const agent = index % 2 === 0 ? "writer" : "reviewer";
      await controlPlane.platform.notify({
        account: "acme",
        agent,
        thread: "t",
        input: `${index}`,
        idempotencyKey: `${index}`,
      });
    }
    const { notifications } = controlPlane.admin({ id: "u" }, "acme");
    const inputs: string[] = [];
    let after: string | null = null;
    do {
      const page = await notifications({ limit: 3, ...(after === null ? {} : { after }) });
      inputs.push(...page.items.map(({ input }) => input));
      after = page.next;
    } while (after !== null);
    expect(inputs).toEqual(["6", "5", "4", "3", "2", "1", "0"]);
    expect((await notifications({ agent: "reviewer" as never })).items.map(({ input }) => input)).toEqual([
      "5",
      "3",
      "1",
    ]);
    await expect(notifications({ limit: 0 })).rejects.toThrow(InvalidInputError);
    await expect(notifications({ after: "1 OR 1" })).rejects.toThrow(InvalidInputError);
    await expect(controlPlane.platform.messages({ after: "x" })).rejects.toThrow(InvalidInputError);
    controlPlane.close();
  });
});
