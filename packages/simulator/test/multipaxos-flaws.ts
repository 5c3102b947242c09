/**
 * The faults under which some flaws of Multi-Paxos show soon. Under random ones they show in the end, too, but that takes
 * hundreds of seeds; and a planned partition says better what they are about.
 */
export const FAULTS_FOR_FLAWS: Readonly<Record<string, string>> = {
  "applies-across-gaps":
    "drop 40% p1>l1 at 0 for 1400ms; drop 40% p2>l1 at 0 for 1400ms; drop 50% l1>p1 at 0 for 1400ms; crash l1 at 300ms for 50ms; crash l1 at 600ms for 50ms",
  "below-mark-is-decided":
    "drop 25% p1>* at 0 for 1400ms; drop 25% p2>* at 0 for 1400ms; drop 25% a1>* at 0 for 1400ms; drop 25% a2>* at 0 for 1400ms",
  "confirmed-before":
    "delay a1,a2,a3>p1 by 300ms at 400ms for 700ms; cut p1<>p2 at 400ms for 700ms; cut c1<>p2 at 400ms for 700ms; cut c2<>p1 at 400ms for 700ms",
  "mixes-ids":
    "drop 25% p1>* at 0 for 1400ms; drop 25% p2>* at 0 for 1400ms; drop 25% a1>* at 0 for 1400ms; drop 25% a2>* at 0 for 1400ms",
  "reads-unconfirmed": "cut p1,l1,c1<>a1,a2,a3,p2,l2,c2 at 400ms for 700ms",
  "settles-ahead": "crash p1 at 500ms for 500ms",
  "takes-any-accepted":
    "drop 70% p1>a2,a3 at 200ms for 300ms; crash p1 at 500ms for 600ms; cut p2<>a1 at 400ms for 700ms",
  "truncated-is-empty": "crash p1,p2 at 700ms for 200ms",
};
