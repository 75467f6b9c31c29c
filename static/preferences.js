// What a person sets for this browser: theme and shortcuts. A study may pin the theme; then it is not offered.

const pinned = () => document.documentElement.dataset.pinned === "true";

/** @param {string} key */
function read(key) {
  try {
    return localStorage.getItem(`coplay.${key}`) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} key @param {string} value */
function write(key, value) {
  try {
    localStorage.setItem(`coplay.${key}`, value);
  } catch {
    // Without storage the setting lasts as long as the page.
  }
}

/** @param {string} theme */
function apply(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

export const preferences = {
  theme: "auto",
  shortcuts: true,
  pinned: false,

  load() {
    this.pinned = pinned();
    this.shortcuts = read("shortcuts") !== "off";
    this.theme = this.pinned ? (document.documentElement.dataset.theme ?? "auto") : read("theme") || "auto";
    if (!this.pinned) apply(this.theme);
  },

  /** @param {string} theme */
  setTheme(theme) {
    this.theme = theme;
    write("theme", theme);
    apply(theme);
  },

  /** @param {boolean} on */
  setShortcuts(on) {
    this.shortcuts = on;
    write("shortcuts", on ? "on" : "off");
  },

  /** The theme on the screen now. */
  shown() {
    if (this.theme === "light" || this.theme === "dark") return this.theme;
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  },
};

/** What the server may know of this browser: no address, no user agent. */
export function client() {
  const assets = document.querySelector('meta[name="coplay-assets"]')?.getAttribute("content") ?? "";
  return {
    width: innerWidth,
    height: innerHeight,
    dpr: devicePixelRatio,
    theme: preferences.shown(),
    touch: matchMedia("(pointer: coarse)").matches,
    lang: navigator.language,
    motion: matchMedia("(prefers-reduced-motion: reduce)").matches ? "reduce" : "full",
    assets,
  };
}

/** The server has newer files than this page: reload for them, but never in a circle. */
export function renewed() {
  const { assets } = client();
  if (sessionStorage.getItem("coplay.renewed") === assets) return false;
  sessionStorage.setItem("coplay.renewed", assets);
  location.reload();
  return true;
}
