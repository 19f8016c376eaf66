/** Session keys that the gateway keeps for itself. */
export const reservedSessionKey = /^(?:agent:[^:]+:)?(?:subagent|cron|acp|harness):/i;
