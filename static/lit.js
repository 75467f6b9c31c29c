// The only door to lit-html, so that its path is written once.
// `vars` sets custom properties through the object model: a style attribute would break the content security policy.

import { html, nothing, render, svg } from "./node_modules/lit-html/lit-html.js";
import { Directive, directive, PartType } from "./node_modules/lit-html/directive.js";
import { keyed } from "./node_modules/lit-html/directives/keyed.js";
import { live } from "./node_modules/lit-html/directives/live.js";
import { ref } from "./node_modules/lit-html/directives/ref.js";

class Vars extends Directive {
  /** @param {import("./node_modules/lit-html/directive.js").PartInfo} part */
  constructor(part) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("vars() stands alone in a tag");
  }

  /** @param {Record<string, string | number>} _values */
  render(_values) {
    return nothing;
  }

  /**
   * @param {import("./node_modules/lit-html/lit-html.js").ElementPart} part
   * @param {[Record<string, string | number>]} args
   * @override
   */
  update(part, [values]) {
    const style = /** @type {HTMLElement} */ (part.element).style;
    for (const [name, value] of Object.entries(values)) style.setProperty(name, String(value));
    return nothing;
  }
}

const vars = directive(Vars);

/** @type {WeakSet<HTMLElement>} */
const taken = new WeakSet();

/** Draw into a root of the page; the first drawing replaces what the shell said there. @param {unknown} template @param {HTMLElement} root */
function commit(template, root) {
  if (!taken.has(root)) root.replaceChildren();
  taken.add(root);
  render(template, root);
}

export { commit, html, keyed, live, nothing, ref, render, svg, vars };
