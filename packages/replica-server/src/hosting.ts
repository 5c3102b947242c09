/** What any host of a participant in a server process needs: disk, timers, and whose state a store holds. */
export { GroupCommit, type HostStore } from "./host/group-commit.js";
export { Timers } from "./host/timers.js";
export { refuseOthers, STORE_FORMAT, type StoreHead, type StoreIdentity } from "./stores/role-identity.js";
