/** Somebody reads at a leader that is cut off, and whose followers' answers are late; others write at the next one. */
const LATE_ANSWERS = [
  "delay n2,n3>n1 by 60ms at 300ms for 900ms",
  "delay n2,n3>n1 by 60ms at 380ms for 820ms",
  "delay n2,n3>n1 by 60ms at 460ms for 740ms",
  "delay n2,n3>n1 by 60ms at 540ms for 660ms",
  "cut n1>n2,n3 at 620ms for 500ms",
  "cut c1<>n2,n3,n4 at 620ms for 500ms",
  "cut c2<>n1 at 620ms for 500ms",
].join("; ");

/** The power fails again and again, for as long as nobody would want to lead. */
const BLACKOUTS = [300, 500, 700, 900, 1100].map((ms) => `crash n1,n2,n3 at ${ms}ms for 20ms`).join("; ");

/**
 * The faults under which some flaws of Raft show soon. Under random ones they show in the end, too, but that takes
 * hundreds of seeds; and a planned partition says better what they are about.
 */
export const FAULTS_FOR_FLAWS: Readonly<Record<string, string>> = {
  "forgets-vote": BLACKOUTS,
  "forgets-term": BLACKOUTS,
  // A leader alone fills its log, and restarts sooner than anybody stands: then it leads again, and its log is long.
  "commits-earlier-terms":
    "cut n1<>n2,n3 at 500ms for 60ms; crash n1 at 555ms for 5ms; cut n2<>n1,n3 at 900ms for 60ms; crash n2 at 955ms for 5ms",
  "reads-unconfirmed": LATE_ANSWERS,
  "confirmed-before": LATE_ANSWERS,
};
