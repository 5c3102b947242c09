import { Type } from "typebox";

/** What `/faults` of every server of a cluster answers. */

export const FaultSchema = Type.Object({
  id: Type.Integer({ minimum: 1, description: "Names the fault in this process." }),
  text: Type.String({ description: "The fault, in the language of docs/faults.md." }),
  endsInMs: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], { description: "Null: only healing ends it." }),
  actsHere: Type.Boolean({ description: "Whether it does anything at this node." }),
});

const FaultSeed = Type.Integer({ minimum: 0, description: "Decides what is left to chance in this process." });

export const FaultsReplySchema = Type.Object({ faults: Type.Array(FaultSchema), seed: FaultSeed });

export const FaultsBegunReplySchema = Type.Object({
  ids: Type.Array(Type.Integer({ minimum: 1 })),
  faults: Type.Array(FaultSchema),
  seed: FaultSeed,
});

export const HealedReplySchema = Type.Object({ healed: Type.Array(Type.Integer({ minimum: 1 })) });
