// Signs that a program answers instead of a person. Nobody sees or hears them, and they only flag a session: see game/quality.py.

/**
 * @param {(sign: string) => void} caught  called once for each sign
 */
export function lay(caught) {
  /** @type {Set<string>} */
  const told = new Set();
  const tell = (/** @type {string} */ sign) => {
    if (told.has(sign)) return;
    told.add(sign);
    caught(sign);
  };
  if (navigator.webdriver) tell("webdriver");
  document.addEventListener("click", (event) => event.isTrusted || tell("synthetic"), true);
  const field = Object.assign(document.createElement("input"), { className: "trap", name: "answer_all", autocomplete: "off", tabIndex: -1 });
  field.setAttribute("aria-hidden", "true");
  field.addEventListener("input", () => tell("field"));
  document.body.append(field);
}
