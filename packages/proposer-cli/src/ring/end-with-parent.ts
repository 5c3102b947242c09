/**
 * Has this process end when the one that started it does, whatever became of that one: `ring run` leaves no member behind,
 * also when it is killed. Started from a shell, a process has no channel to its parent, and nothing happens.
 */
export function endWithParent(end: () => void): void {
  if (!process.channel) return;
  process.once("disconnect", end);
  // The channel alone keeps no process alive.
  process.channel.unref();
}
