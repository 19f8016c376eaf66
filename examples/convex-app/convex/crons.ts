import { cronJobs } from "convex/server";
import { internal } from "./_generated/api.js";

const crons = cronJobs();
// The component looks after leases and runtimes itself; how long to keep what is done is for the platform to say.
crons.daily("forget", { hourUTC: 3, minuteUTC: 17 }, internal.upkeep.forget, {});
crons.interval("provision", { minutes: 1 }, internal.provisioning.tick, {});
crons.hourly("look after droplets", { minuteUTC: 42 }, internal.provisioning.lookAfter, {});

export default crons;
