import { describe, expect, it, vi } from "vitest";
import * as core from "./index.ts";
import {
  docsUrl,
  InvalidInputError,
  LeaseLostError,
  LobsterError,
  newNotificationId,
  UnauthorizedError,
} from "./index.ts";

const parameters = { code: "ERR_TEST", message: "It broke.", hint: "Mend it.", retryable: true };

/** The same source, loaded once more: what a program has that depends on two versions of the package. */
async function otherCopy(): Promise<typeof core> {
  vi.resetModules();
  const copy = await import("./index.ts");
  expect(copy.LobsterError).not.toBe(LobsterError);
  return copy;
}

describe("isInstance", () => {
  it("knows an error of another copy of the package, which instanceof does not", async () => {
    const copy = await otherCopy();
    const error = new copy.UnauthorizedError();

    expect(error).not.toBeInstanceOf(UnauthorizedError);
    expect(LobsterError.isInstance(error)).toBe(true);
    expect(UnauthorizedError.isInstance(error)).toBe(true);
    expect(copy.UnauthorizedError.isInstance(new UnauthorizedError())).toBe(true);
  });

  it("tells the subclasses apart by their code, across copies too", async () => {
    const copy = await otherCopy();
    for (const error of [new UnauthorizedError(), new copy.UnauthorizedError()])
      expect(LeaseLostError.isInstance(error)).toBe(false);
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "ERR_UNAUTHORIZED"],
    ["a plain error", new Error("The service token was not accepted.")],
    ["an error with the same code", Object.assign(new Error("no"), { code: UnauthorizedError.code })],
    ["what is left of one after JSON", JSON.parse(JSON.stringify(new UnauthorizedError()))],
    ["an object with the same fields", Object.fromEntries(Object.entries(new UnauthorizedError()))],
  ])("is not fooled by %s", (_, value) => {
    expect(LobsterError.isInstance(value)).toBe(false);
    expect(UnauthorizedError.isInstance(value)).toBe(false);
  });
});

describe("an error", () => {
  it("is an Error with a name that no bundler changes, a stack, and the cause that was caught", () => {
    const cause = new Error("below");
    const error = new LobsterError({ ...parameters, cause });

    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "TestError", message: "It broke.", hint: "Mend it.", cause });
    expect(error.stack).toContain("error.test.ts");
    expect("cause" in new LobsterError(parameters)).toBe(false);
  });

  it("promise 12: is shown without its cause and its stack", () => {
    const error = new LobsterError({ ...parameters, cause: new Error("another account's words") });

    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: { ...parameters, docs: `${docsUrl}/errors/ERR_TEST` },
    });
  });

  it("links the docs page of its code", () => {
    expect(new UnauthorizedError().docs).toBe(`${docsUrl}/errors/ERR_UNAUTHORIZED`);
    expect(URL.canParse(new UnauthorizedError().docs)).toBe(true);
  });
});

describe("the exported errors", () => {
  const notification = newNotificationId(0);
  const errors: Record<string, LobsterError> = {
    BootstrapTokenError: new core.BootstrapTokenError(),
    DropletApiError: new core.DropletApiError({
      outcome: "unknown",
      reason: "timeout",
      problem: "no answer in 10 s.",
    }),
    IdempotencyConflictError: new core.IdempotencyConflictError(),
    InvalidInputError: new InvalidInputError({ field: "thread", problem: "must be a text" }),
    LeaseLostError: new LeaseLostError({ notification }),
    NoAttemptsLeftError: new core.NoAttemptsLeftError({ notification }),
    NotFoundError: new core.NotFoundError({ what: "agent", id: "writer" }),
    ProvisionConflictError: new core.ProvisionConflictError(),
    ProvisionStateError: new core.ProvisionStateError({ asked: "retry", state: "running" }),
    ProvisioningDisabledError: new core.ProvisioningDisabledError(),
    TooLargeError: new core.TooLargeError({ field: "input", bytes: 2, limitBytes: 1 }),
    TooManyTokensError: new core.TooManyTokensError(),
    UnauthorizedError: new UnauthorizedError(),
    WorkerFencedError: new core.WorkerFencedError({ workerId: "w1" }),
    WrongStateError: new core.WrongStateError({ notification, state: "leased", wanted: "dead" }),
  };
  const classes = Object.entries(core).filter(
    ([name, value]) => name.endsWith("Error") && value !== LobsterError,
  ) as unknown as [string, { code: string; isInstance(value: unknown): boolean }][];

  it("are all looked at here", () => {
    expect(classes.map(([name]) => name).toSorted()).toEqual(Object.keys(errors));
  });

  it("have codes of their own", () => {
    expect(new Set(classes.map(([, { code }]) => code)).size).toBe(classes.length);
  });

  it.each(classes)("%s has one code, on the class and on the error, and says what to do", (name, type) => {
    const error = errors[name]!;

    expect(type.code).toMatch(/^ERR_[A-Z_]+$/);
    expect(error.code).toBe(type.code);
    expect(error.name).toBe(name);
    expect(type.isInstance(error)).toBe(true);
    expect(error.message).toMatch(/^\S.*\.$/);
    expect(error.hint).toMatch(/^[A-Z].*\.$/);
  });

  it.each(["account", "agent", "notification", "service token"] as const)(
    "NotFoundError names the %s that is not there, and the call that helps",
    (what) => {
      const error = new core.NotFoundError({ what, id: 'a"b' });

      const none = what === "account" ? "There is no open account" : `This account has no ${what}`;
      expect(error.message).toBe(String.raw`${none} "a\"b".`);
      expect(error.hint).toContain(
        { account: "upsertAccount", agent: "upsertAgent", notification: "admin", "service token": "admin" }[
          what
        ],
      );
    },
  );
});
