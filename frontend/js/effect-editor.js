/**
 * The custom effect: a menu of ready snippets over an editor for GLSL.
 *
 * The store holds only what is in force. Text that the server refuses stays in the editor, marked at its place,
 * while the last working effect (or none, if it never ended) comes back.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./protocol.js").Snippet} Snippet
 */

import { CodeField } from "./code-field.js";
import { element, setText } from "./dom.js";
import { showMessage } from "./errors.js";

const KEY = "post.custom";
const VALUE = "post.custom_value";
const PAUSE_MS = 700;
const OFF = "";
const OWN = "own";

export class EffectEditor {
  /** @param {Store} store @param {Snippet[]} snippets */
  constructor(store, snippets) {
    this.store = store;
    this.snippets = snippets;
    /** The newest text that a frame has shown. */
    this.working = "";
    this.holding = false;
    this.timer = 0;
    this.label = element("label", { for: KEY });
    this.menu = this.buildMenu();
    this.field = new CodeField(KEY, store.row(KEY).max_length, "GLSL for vec3 color, such as color = color.bgr;");
    this.problem = element("p", { class: "effect-problem", role: "status", id: `${KEY}.error` });
    this.back = element("button", { type: "button", class: "text-button", hidden: true }, "Discard this text");
    this.back.addEventListener("click", () => this.restore());
    this.listen();
  }

  /** For `Controls.make`. */
  maker = () => ({
    node: element(
      "div",
      { class: "control control-code" },
      this.label,
      this.menu,
      this.field.node,
      element("div", { class: "effect-foot" }, this.problem, this.back),
    ),
    update: () => this.update(),
    rename: (/** @type {string} */ text) => setText(this.label, text),
  });

  buildMenu() {
    const options = this.snippets.map(({ name, label }) => element("option", { value: name }, label));
    const menu = element("select", { id: `${KEY}.menu`, "aria-label": "Ready effects" });
    menu.append(
      element("option", { value: OFF }, "Off"),
      ...options,
      element("option", { value: OWN, hidden: true }, "Own"),
    );
    menu.addEventListener("change", () => this.choose(menu.value));
    return menu;
  }

  listen() {
    const { area } = this.field;
    area.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.apply(), PAUSE_MS);
    });
    area.addEventListener("change", () => this.timer && this.apply());
    area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.apply();
    });
  }

  /** @param {string} name of a ready snippet, or off */
  choose(name) {
    const snippet = this.snippets.find((each) => each.name === name);
    this.stopWaiting();
    this.holding = false;
    this.store.set(snippet ? { [KEY]: snippet.text, [VALUE]: snippet.value } : { [KEY]: "" });
    this.update();
  }

  /** Sends what is typed. */
  apply() {
    this.stopWaiting();
    this.holding = false;
    try {
      this.store.set({ [KEY]: this.field.text });
      this.update();
    } catch (error) {
      this.complain(error.message);
    }
  }

  stopWaiting() {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  /** Back to the text in force. */
  restore() {
    this.stopWaiting();
    this.holding = false;
    this.update();
    this.field.area.focus();
  }

  /** The store's text has changed, or counts again. */
  update() {
    const text = this.store.get(KEY);
    const name = this.snippets.find((snippet) => snippet.text === text)?.name ?? OWN;
    this.menu.value = text.trim() ? name : OFF;
    if (this.holding) return;
    this.field.text = text;
    this.complain("");
  }

  /** A frame has shown this text. @param {string | undefined} text */
  confirm(text) {
    if (text !== undefined) this.working = text;
  }

  /**
   * The server could not make a picture with an effect: it goes out of force, and its text is marked.
   * @param {import("./protocol.js").ErrorMessage} error
   */
  refuse({ text, reason, line, column, stopped }) {
    if (this.store.get(KEY) !== text) return; // the user has moved on
    const typed = this.field.area;
    const typing = document.activeElement === typed && this.field.text !== text;
    const before = stopped || this.working === text ? "" : this.working;
    this.holding = true;
    this.store.set({ [KEY]: before });
    if (typing) return;
    const state = before.trim() ? "The last working effect stays." : "The effect is switched off.";
    const sentence = line ? `Line ${line}: ${reason}.` : `${reason[0].toUpperCase()}${reason.slice(1)}.`;
    this.complain(`${sentence} ${state}`, line, column);
    if (!stopped && typed.checkVisibility()) return;
    const title = stopped ? "The custom effect was stopped" : "The custom effect does not compile";
    showMessage({ id: KEY, title, text: sentence, advice: `${state} Change its text to try again.` });
  }

  /** @param {string} message @param {number} [line] @param {number} [column] */
  complain(message, line, column) {
    setText(this.problem, message);
    this.back.hidden = !message;
    this.field.mark(message ? line : undefined, column);
    this.field.area.setAttribute("aria-invalid", String(message !== ""));
  }
}
