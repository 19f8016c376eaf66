import { describe, expectTypeOf, it } from "vitest";
import type {
  AccountId,
  AccountInput,
  AdminOf,
  AgentInput,
  AgentSlug,
  LeaseId,
  LeaseProof,
  MessageId,
  NotificationId,
  NotificationInput,
  PlatformPort,
  SessionKey,
  ThreadId,
} from "./index.ts";
import {
  accountId,
  InvalidInputError,
  LobsterError,
  messageIdOf,
  parse,
  Secret,
  sessionKey,
} from "./index.ts";

describe("promise 7: ids of one kind are not taken for another", () => {
  it("an account is no thread, a notification no lease, and so on", () => {
    expectTypeOf<AccountId>().not.toExtend<ThreadId>();
    expectTypeOf<ThreadId>().not.toExtend<AccountId>();
    expectTypeOf<AccountId>().not.toExtend<AgentSlug>();
    expectTypeOf<NotificationId>().not.toExtend<LeaseId>();
    expectTypeOf<NotificationId>().not.toExtend<MessageId>();
    expectTypeOf<LeaseId>().not.toExtend<NotificationId>();
    expectTypeOf<SessionKey>().not.toExtend<ThreadId>();
    expectTypeOf<LeaseProof>().toEqualTypeOf<{ notification: NotificationId; id: LeaseId }>();
  });

  it("a text is no id until it was parsed", () => {
    expectTypeOf<string>().not.toExtend<AccountId>();
    expectTypeOf<"acme">().not.toExtend<AccountId>();
    expectTypeOf<`ntf_${string}`>().not.toExtend<NotificationId>();
    expectTypeOf<string>().not.toExtend<SessionKey>();
    expectTypeOf(parse(accountId, "acme", "account")).toEqualTypeOf<AccountId>();
    // @ts-expect-error a plain text is no notification
    messageIdOf("ntf_1");
  });

  it("an id is a text", () => {
    expectTypeOf<
      AccountId | AgentSlug | ThreadId | NotificationId | LeaseId | SessionKey
    >().toExtend<string>();
  });
});

describe("what a platform hands in", () => {
  it("is plain texts, by the platform's own ids", () => {
    expectTypeOf<{ account: string }>().toExtend<AccountInput>();
    expectTypeOf<{ account: string; agent: string }>().toExtend<AgentInput>();
    expectTypeOf<{
      account: string;
      agent: string;
      thread: string;
      input: string;
      idempotencyKey: string;
    }>().toExtend<NotificationInput>();
    expectTypeOf<PlatformPort["closeAccount"]>().toBeCallableWith("acme");
    expectTypeOf<AdminOf<object>>().toBeCallableWith({ id: "user-1" }, "acme");
    expectTypeOf(sessionKey).toBeCallableWith({ account: "acme", agent: "w", thread: "t", epoch: 0 });
  });

  it("is taken as an id just as well", () => {
    expectTypeOf<{ account: AccountId; agent: AgentSlug }>().toExtend<AgentInput>();
  });

  it("needs every field that is not optional", () => {
    expectTypeOf<{
      account: string;
      agent: string;
      thread: string;
      input: string;
    }>().not.toExtend<NotificationInput>();
    expectTypeOf<NotificationInput["instructions"]>().toEqualTypeOf<string | undefined>();
  });
});

describe("a secret", () => {
  it("is no text, and its value has the type that was put in", () => {
    expectTypeOf<Secret>().not.toExtend<string>();
    expectTypeOf(new Secret("x").reveal()).toEqualTypeOf<string>();
    expectTypeOf(new Secret(new Uint8Array()).reveal()).toExtend<Uint8Array>();
    expectTypeOf<Secret<Uint8Array>>().not.toExtend<Secret>();
  });
});

describe("isInstance", () => {
  it("tells the type of what was caught", () => {
    const invalid = (caught: unknown) => (InvalidInputError.isInstance(caught) ? caught : null);
    const ours = (caught: unknown) => (LobsterError.isInstance(caught) ? caught.code : null);
    expectTypeOf(invalid).returns.toEqualTypeOf<InvalidInputError | null>();
    expectTypeOf(ours).returns.toEqualTypeOf<string | null>();
  });
});
