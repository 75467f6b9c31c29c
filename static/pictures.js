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

/** Specimens that were looked at in this tab. @type {Set<string>} */
const met = new Set();
const AHEAD = 3;

/**
 * Fetch for the coming screens: one picture ahead at first, and further ahead for whoever goes on. So a first visit
 * weighs little, and later a bad line has time.
 * @param {readonly string[]} names  first-stage images of the coming screens, never an explanation
 * @param {string | undefined} here  the specimen that is on the screen
 */
export function prefetch(names, here) {
  if (here) met.add(here);
  for (const name of names.slice(0, Math.max(1, Math.min(AHEAD, met.size)))) void decode(name);
}
