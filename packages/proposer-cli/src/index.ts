export { PROGRAMS } from "./programs.js";
export { main } from "./terminal/main.js";
