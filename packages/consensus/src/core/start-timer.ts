/** Goes off once, when a participant's host has everything ready: from then on it may speak. */
export const START_TIMER = "start";
