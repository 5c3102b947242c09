/**
 * Puts messages into JSON, each once however many peers it goes to. Messages never change.
 *
 * @param words what of a message is sent
 */
export function encoder<T extends object>(words: (message: T) => object): (message: T) => string {
  const encoded = new WeakMap<T, string>();
  return (message) => {
    const known = encoded.get(message);
    if (known !== undefined) return known;
    const text = JSON.stringify(words(message));
    encoded.set(message, text);
    return text;
  };
}

/** The JSON text of a whole message. */
export const encodedOnce = encoder((message: object) => message);
