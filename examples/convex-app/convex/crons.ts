import { cronJobs } from "convex/server";
import { internal } from "./_generated/api.js";

const crons = cronJobs();
// The component looks after leases and runtimes itself; how long to keep what is done is for the platform to say.
crons.daily("forget", { hourUTC: 3, minuteUTC: 17 }, internal.upkeep.forget, {});

export default crons;
