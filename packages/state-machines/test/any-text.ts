import fc from "fast-check";

/** Any text at all, of any code units: halves of characters, control characters, and now and then some syntax. */
export const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom('"', "{", "}", "[", "]", ":", ",", "\\", "\n", "\ud800", "\udc00", "*", "?", "/"),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""));
