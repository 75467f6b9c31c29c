// The calm page of a tab that stops: continued elsewhere, closed, erased, or waiting for the researchers.

import { icon, installSprite } from "./icons.js";
import { commit, html, nothing } from "./lit.js";

/** @param {HTMLElement} root @param {import("./wire.js").Bye} bye @param {Record<string, string>} words */
export function farewell(root, { code, say: told, url }, words) {
  installSprite();
  const say = words[`bye_${code}_text`] ?? told;
  const title = words[`bye_${code}`] ?? words.bye_closed ?? say;
  const here = code === "elsewhere" && words.bye_here;
  commit(html`<main class="page page--end"><div class="paper"><div class="paper__top">
      ${title ? html`<h1 tabindex="-1" data-focus>${title}</h1>` : nothing}
      ${say && say !== title ? html`<p class="lede">${say}</p>` : nothing}
    </div>
    ${url || here ? html`<div class="paper__rest"><div class="actions actions--page">
      ${here ? html`<button class="btn" type="button" @click=${() => location.reload()}>${here}</button>` : nothing}
      ${url ? html`<a class="btn btn--primary" href=${url}>${words.leave ?? url} ${icon("next")}</a>` : nothing}
    </div></div>` : nothing}
  </div></main>`, root);
}
