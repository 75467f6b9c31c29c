// What a list line says of an event or a gesture, in the researcher's language; answers in the words the person saw.

/**
 * @typedef {import("./film.js").Entry} Entry
 * @typedef {import("./film.js").Film} Film
 * @typedef {import("./words.js").Say} Say
 * @typedef {{icon: string, who: "" | "you" | "ai", text: string, value?: string, sci?: boolean}} Said
 */

/** The words under a value on the screen where it was given. @param {Film} film @param {number} turn @param {string} name @param {unknown} value */
function wording(film, turn, name, value) {
  for (const ask of film.replay.views[turn]?.asks ?? []) {
    if (ask.name !== name) continue;
    if (ask.kind === "act" && ask.value === value) return { kind: "act", label: ask.label, sci: false };
    if (ask.kind === "check") return { kind: "check", label: ask.label, sci: false };
    if (ask.kind === "many") {
      const chosen = new Set(String(value ?? "").split(" "));
      return { kind: ask.kind, label: ask.options.filter((each) => chosen.has(each.value)).map((each) => each.label).join(", "), sci: false };
    }
    if (ask.kind === "amount") return { kind: ask.kind, label: `${value ?? ""} ${ask.unit ?? ""}`.trim(), sci: false };
    if (ask.kind === "choice" || ask.kind === "rate") {
      const option = ask.options.find((each) => each.value === String(value));
      if (option) return { kind: ask.kind, label: option.label, sci: ask.kind === "choice" && ask.sci === true };
    }
  }
  return undefined;
}

/** @param {Film} film @param {string} label */
export function titleOf(film, label) {
  const { titles } = film.replay;
  return (titles[document.documentElement.lang] ?? Object.values(titles)[0] ?? {})[label] ?? label;
}

/** @param {Entry} entry @param {Film} film @param {Say} say @returns {Said} */
export function describe(entry, film, say) {
  if (entry.touch) return touched(entry, entry.touch, film, say);
  if (entry.moment?.kind === "shown") return shown(entry, film, say);
  if (entry.moment?.kind === "answered") return answered(entry, entry.moment, film, say);
  const { kind = "", text = "" } = entry.moment ?? {};
  const icon = { joined: "link", left: "cross", timedout: "clock", noted: "note", paused: "pause", resumed: "play" }[kind] ?? "flag";
  const said = kind === "closed" ? say(`outcome.${text}`) : text;
  return { icon, who: "", text: say(kind === "left" && text ? "line.left_why" : `line.${kind}`, { text: said }) };
}

/** @param {Entry} entry @param {Film} film @param {Say} say @returns {Said} */
function shown({ turn, at }, film, say) {
  const [screen, view] = [film.screens.get(turn), film.replay.views[turn]];
  const card = view?.blocks.find((block) => block.kind === "teammate");
  if (screen?.advice && card) {
    const sci = view?.asks?.some((ask) => ask.kind === "choice" && ask.sci) ?? false;
    const key = screen.explained ? "line.explained" : `line.${screen.advice}`;
    return { icon: screen.explained ? "heat" : "ai", who: "ai", text: say(key), value: `${card.label ?? ""} ${card.percent ?? ""}`.trim(), sci };
  }
  const round = film.replay.rounds[screen?.round ?? -1];
  if (round && Math.abs(round.start_ms - at) < 2) {
    return { icon: "image", who: "", text: round.number ? say("line.shown_round", { n: round.number }) : say("line.shown_practice") };
  }
  return { icon: "image", who: "", text: say("line.shown", { text: view?.title ?? "" }) };
}

/** @param {Entry} entry @param {import("./replay").Moment} moment @param {Film} film @param {Say} say @returns {Said} */
function answered({ turn }, { name = "", value, by }, film, say) {
  const said = wording(film, turn, name, value);
  if (by === "ai") return { icon: "ai", who: "ai", text: say("line.final_ai"), value: titleOf(film, String(value)) };
  if (said?.kind === "act") return { icon: "you", who: "you", text: say("line.pressed"), value: said.label };
  if (said?.kind === "check") return { icon: "you", who: "you", text: say(value ? "line.ticked" : "line.unticked", { text: said.label }) };
  const known = name === "own" || name === "final";
  const legend = film.replay.views[turn]?.asks?.find((ask) => ask.name === name && "legend" in ask);
  const asked = legend && "legend" in legend ? legend.legend : name;
  const text = known ? say(`line.${name}`) : said?.kind === "rate" || legend ? asked : say("line.answered", { name });
  return { icon: known ? "check" : "you", who: "you", text, value: said?.label ?? String(value), sci: said?.sci ?? false };
}

/** @type {Readonly<Record<string, string>>} */
const GLYPH = { plane: "zoom", guide: "guide", zoom: "zoom", pan: "zoom", side: "eye", peek: "eye", seen: "eye", opacity: "heat", rendering: "heat", away: "wave", back: "wave", resize: "wave", idle: "wave", here: "wave", trap: "wave" };

/** @param {Entry} entry @param {import("./replay").Touch} touch @param {Film} film @param {Say} say @returns {Said} */
function touched(entry, { name, value, turn }, film, say) {
  const [head = "", tail = ""] = name.split(":");
  if (head === "choose") {
    const said = wording(film, turn, tail, value);
    return { icon: "you", who: "you", text: say(before(entry, film) ? "line.changed" : "line.chose"), value: said?.label ?? String(value), sci: said?.sci ?? false };
  }
  const text = String(value ?? "");
  /** @type {Readonly<Record<string, string>>} */
  const keys = {
    tick: value ? "tick" : "untick", guide: value ? "guide_on" : "guide_off", peek: value ? "peek_on" : "peek_off", side: `side_${text}`,
    open: value ? "unfolded" : "folded", first: `began_${text}`, away: "away", back: "back", resize: "resize", idle: "idle", here: "here", trap: "trap", zoom: "zoom", pan: "pan",
    opacity: "opacity", rendering: "rendering", plane: value ? "plane_on" : "plane_off", write: "write", wrote: "wrote", done: "framed",
  };
  const key = keys[head];
  const icon = GLYPH[head] ?? "you";
  return { icon, who: icon === "wave" ? "" : "you", text: say(`line.${key ?? "gesture"}`, { name, text: head === "open" ? name.slice(5) : text }) };
}

/** Whether the same question had another answer on this place before. @param {Entry} entry @param {Film} film */
const before = (entry, film) =>
  film.entries.some(({ touch, at }) => touch && touch !== entry.touch && touch.name === entry.touch?.name && touch.turn === entry.turn && at < entry.at);
