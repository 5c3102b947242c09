#!/usr/bin/env node
import { main, PROGRAMS } from "../bundle/commands.js";

await main(PROGRAMS["proposer-demo"]);
