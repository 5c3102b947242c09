import { PARTS, pasteChapters } from "./guide-stage.js";

pasteChapters(PARTS[3]);
