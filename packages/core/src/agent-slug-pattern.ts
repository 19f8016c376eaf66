/** What an `AgentSlug` looks like. In a file of its own, so that whoever needs no more than this loads no zod. */
export const agentSlugPattern = /^[a-z0-9][a-z0-9_-]{0,63}$/;
