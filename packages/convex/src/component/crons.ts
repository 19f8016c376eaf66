import { cronJobs } from "convex/server";
import { internal } from "./_generated/api.ts";

const crons = cronJobs();
crons.interval("sweep", { minutes: 1 }, internal.upkeep.sweep);

export default crons;
