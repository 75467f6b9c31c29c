// The researcher's words, fetched in the page's language.

/** @typedef {(key: string, fields?: Record<string, string | number>) => string} Say */

/** A key without a text is returned as it is, so that it is seen. @param {Record<string, string>} words @returns {Say} */
export const sayer = (words) => (key, fields = {}) =>
  (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in fields ? String(fields[name]) : whole));

/** @returns {Promise<Say>} */
export async function words() {
  const answer = await get(`/desk/api/words?lang=${encodeURIComponent(document.documentElement.lang)}`);
  return sayer(answer.words);
}

export class Refused extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`the server answered ${status}`);
    this.status = status;
  }
}

/** @param {string} url @returns {Promise<any>} */
export async function get(url) {
  const response = await fetch(url, { headers: { accept: "application/json" }, credentials: "same-origin" });
  if (!response.ok) throw new Refused(response.status);
  return response.json();
}
