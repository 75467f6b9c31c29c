// Times as they are written: positions in a session, ages, dates.

/** A position: 6:29.2, with hours from the first one on. @param {number} ms @param {boolean} [tenths] */
export function position(ms, tenths = true) {
  const all = Math.max(0, tenths ? Math.floor(ms / 100) / 10 : Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60), all % 60];
  const tail = tenths ? seconds.toFixed(1).padStart(4, "0") : String(seconds).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** @type {readonly (readonly [string, number])[]} */
const UNITS = [["days", 86_400_000], ["hours", 3_600_000], ["minutes", 60_000]];

/** An age in its largest unit. @param {number} ms @param {import("./words.js").Say} say */
export function age(ms, say) {
  for (const [name, size] of UNITS) if (ms >= size) return say(`time.${name}`, { n: Math.floor(ms / size) });
  return say("time.seconds", { n: Math.max(0, Math.floor(ms / 1000)) });
}

/** @param {number} epoch milliseconds since 1970 @param {string} lang */
export const date = (epoch, lang) =>
  new Intl.DateTimeFormat(lang, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false }).format(new Date(epoch));
