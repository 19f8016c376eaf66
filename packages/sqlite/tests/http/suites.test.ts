import { adminPortSuite, runtimePortSuite, tenantIsolationSuite } from "@lobstercontrol/core/testing";
import { openOverHttp } from "./over-http.ts";

runtimePortSuite("SQLite over HTTP", openOverHttp);
adminPortSuite("SQLite over HTTP", openOverHttp);
tenantIsolationSuite("SQLite over HTTP", openOverHttp);
