/** A text area for code: line numbers, as high as its text, and a mark at one place. */

import { element } from "./dom.js";

const MOST_LINES = 16;
const FEWEST_LINES = 2;

export class CodeField {
  /** @param {string} id @param {number} most characters @param {string} placeholder */
  constructor(id, most, placeholder) {
    this.area = element("textarea", {
      id,
      class: "code-area",
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
      wrap: "off",
      maxlength: most,
      placeholder,
      "aria-describedby": `${id}.help ${id}.error`,
    });
    this.numbers = element("div", { class: "code-numbers", "aria-hidden": "true" });
    this.band = element("div", { class: "code-band", hidden: true });
    this.caret = element("div", { class: "code-caret", hidden: true });
    const page = element("div", { class: "code-page" }, this.band, this.caret, this.area);
    this.node = element("div", { class: "code-field" }, this.numbers, page);
    this.area.addEventListener("input", () => this.fit());
    this.area.addEventListener("scroll", () => this.follow());
  }

  /** @returns {string} */
  get text() {
    return this.area.value;
  }

  set text(value) {
    if (this.area.value !== value) this.area.value = value; // an equal text keeps caret and undo
    this.fit();
  }

  /** As high as the text, within bounds, with a number for each line. */
  fit() {
    const lines = this.text.split("\n").length;
    this.area.rows = Math.min(MOST_LINES, Math.max(FEWEST_LINES, lines));
    while (this.numbers.childElementCount > lines) this.numbers.lastElementChild.remove();
    while (this.numbers.childElementCount < lines) {
      this.numbers.append(element("span", {}, String(this.numbers.childElementCount + 1)));
    }
    this.follow();
  }

  /** @param {number} [line] from 1; none takes the mark away @param {number} [column] from 1 */
  mark(line, column) {
    this.band.hidden = line === undefined;
    this.caret.hidden = line === undefined || column === undefined;
    [...this.numbers.children].forEach((node, index) =>
      node.toggleAttribute("data-marked", index + 1 === line),
    );
    this.node.style.setProperty("--line", String((line ?? 1) - 1));
    this.node.style.setProperty("--column", String((column ?? 1) - 1));
    this.follow();
  }

  /** Numbers and mark scroll with the text. */
  follow() {
    this.node.style.setProperty("--scrolled-down", `${this.area.scrollTop}px`);
    this.node.style.setProperty("--scrolled-right", `${this.area.scrollLeft}px`);
    this.numbers.scrollTop = this.area.scrollTop;
  }
}
