/**
 * The words of LobsterControl: ids, schemas, state machines, errors, {@link Secret} and the ports. Web standards only.
 *
 * @packageDocumentation
 */
export { fullJitter, type BackoffOptions } from "./backoff.ts";
export { sleep, systemClock, type Clock } from "./clock.ts";
export { checkWhole } from "./check-whole.ts";
export {
  addContext,
  contextLimits,
  hasContext,
  type ContextLimits,
  type ContextMessage,
  type ContextRequest,
  type ThreadContext,
} from "./context/add-context.ts";
export type {
  CreateDroplet,
  Droplet,
  DropletAccount,
  DropletAction,
  DropletActionType,
  DropletApi,
  DropletRegion,
  DropletSize,
  DropletSshKey,
  Firewall,
  FirewallInbound,
  FirewallRules,
} from "./droplet/droplet-api.ts";
export {
  DropletApiError,
  type DropletApiFailure,
  type DropletApiOutcome,
  type DropletApiReason,
} from "./droplet/errors.ts";
export { docsUrl, LobsterError, type LobsterErrorParameters } from "./error.ts";
export {
  IdempotencyConflictError,
  InvalidInputError,
  NotFoundError,
  TooLargeError,
  TooManyTokensError,
  UnauthorizedError,
} from "./errors.ts";
export { directiveLifeMs, isNewer, keysGenerations } from "./health/accept-report.ts";
export { runtimeInfo, type DropletFinding, type HeardReport } from "./health/runtime-info.ts";
export { statusOf } from "./health/status.ts";
export {
  heartbeatAt,
  heartbeatContent,
  heartbeatInput,
  heartbeatKeyPrefix,
  heartbeatThread,
  nextHeartbeatAt,
  type HeartbeatSchedule,
} from "./heartbeat/heartbeat.ts";
export {
  accountId,
  agentSlug,
  leaseId,
  messageIdOf,
  newLeaseId,
  newNotificationId,
  notificationId,
  threadId,
  type AccountId,
  type AgentSlug,
  type LeaseId,
  type MessageId,
  type NotificationId,
  type SessionKey,
  type ThreadId,
} from "./ids.ts";
export { checkBytes, limits, sizeOf, truncateBytes } from "./limits.ts";
export { scrubbedLogger, silentLogger, type Logger, type LogMethod } from "./logger.ts";
export {
  backoffFor,
  boundedFailure,
  completedBefore,
  failAnswer,
  hasGivenUp,
} from "./notification/answers.ts";
export { claimOf } from "./notification/claim-of.ts";
export { isDue, readyAt } from "./notification/due.ts";
export {
  LeaseLostError,
  NoAttemptsLeftError,
  WorkerFencedError,
  WrongStateError,
} from "./notification/errors.ts";
export { messageOf } from "./notification/message.ts";
export { isSameContent, newNotification, type NotificationContent } from "./notification/new-notification.ts";
export { isUnresolved, mayHaveRun, transition } from "./notification/transition.ts";
export type {
  Attempt,
  AttemptOutcome,
  AttemptVerdict,
  DeliveryOutcome,
  Failure,
  FailureReason,
  Lease,
  Message,
  Notification,
  NotificationRecord,
  NotificationEvent,
  NotificationState,
  SessionMark,
} from "./notification/types.ts";
export { parse } from "./parse.ts";
export {
  upgradeTarget,
  type Activity,
  type ActivityAdmin,
  type Actor,
  type AdminOf,
  type AdminPort,
  type DeliveryAdmin,
  type Page,
  type PageRequest,
  type ProvisionAdmin,
  type ProviderKeyAdmin,
  type ProviderKeyInfo,
  type RuntimeAdmin,
  type RuntimeInfo,
  type ServiceToken,
  type ServiceTokenAdmin,
} from "./ports/admin.ts";
export { createBootstrapPort, hashToken } from "./provision/bootstrap-port.ts";
export {
  BootstrapTokenError,
  ProvisionConflictError,
  ProvisioningDisabledError,
  ProvisionStateError,
} from "./provision/errors.ts";
export { exchangeToken, noteReport, reportPhase } from "./provision/home-call.ts";
export { isQuiet, nextStep, type ProvisionStep, type ProvisionTiming } from "./provision/next-step.ts";
export { allRecords, type ProvisionStore } from "./provision/provision-store.ts";
export type {
  Provisioner,
  ProvisionEstimate,
  ProvisionPlan,
  ReconcileResult,
  StrayDroplet,
  SweepReport,
} from "./provision/provisioner.ts";
export {
  deadlineOf,
  keptDroplet,
  liveAttempt,
  serviceTokensOf,
  type AttemptDecision,
  type AttemptDroplet,
  type PhaseReport,
  type ProvisionAttempt,
  type ProvisionFailure,
  type ProvisionFailureReason,
  type ProvisionRecord,
  type ProvisionState,
  type ProvisionTrouble,
} from "./provision/record.ts";
export { dropletSpec, type DropletSpec, type DropletSpecInput } from "./provision/spec.ts";
export { dropletFinding, provisionStatus, type ProvisionStatus } from "./provision/status.ts";
export {
  isOverdue,
  provisionTransition,
  type ProvisionChange,
  type ProvisionEvent,
} from "./provision/transition.ts";
export { storeChange, updateRecord } from "./provision/update-record.ts";
export type { BootstrapPort, RuntimeIdentity } from "./ports/bootstrap.ts";
export type { ControlPlane } from "./ports/control-plane.ts";
export type { AttemptStart, Claim, ClaimRequest, DeliveryPort, LeaseProof } from "./ports/delivery.ts";
export type { Condition, ConditionType, ReportedCondition, RuntimeStatus } from "./ports/health.ts";
export type { DropletOperator, OperatorPort } from "./ports/operator.ts";
export {
  accountInput,
  agentInput,
  notificationInput,
  type AccountInput,
  type AgentInput,
  type MessagePage,
  type NotificationInput,
  type PlatformPort,
} from "./ports/platform.ts";
export type {
  Agent,
  AgentRoster,
  Directive,
  DirectiveEnd,
  DirectiveKind,
  Directives,
  ProviderKeySet,
  RuntimePort,
  RuntimeReport,
} from "./ports/runtime.ts";
export { askProvider, type ProbeOptions, type ProbeVerdict } from "./provider/ask-provider.ts";
export { scrub, scrubText } from "./scrub.ts";
export { Secret } from "./secret.ts";
export { parseSessionKey, sessionKey, type SessionKeyParts } from "./session-key.ts";
