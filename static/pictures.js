// Images by their public name: addresses, decoding before a screen is drawn, fetching for the next ones.

/** Names of the decoded images of one screen and of those asked for ahead; the browser's cache holds the pixels. */
const decoded = new Map();
const LIMIT = 64;

/** @param {string} name */
export const address = (name) => `/b/${name}`;

/** Resolves when the picture can be painted without a wait; a broken picture must not stop the person. @param {string} name */
export function decode(name) {
  const known = decoded.get(name);
  if (known) return known;
  const image = new Image();
  image.src = address(name);
  const done = image.decode().then(() => image, () => decoded.delete(name));
  decoded.set(name, done);
  const oldest = decoded.keys().next().value;
  if (decoded.size > LIMIT && oldest !== undefined) decoded.delete(oldest);
  return done;
}

/** @param {readonly string[]} names first-stage images of the coming screens, never an explanation */
export function prefetch(names) {
  for (const name of names.slice(0, 3)) void decode(name);
}
