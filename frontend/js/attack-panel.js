/**
 * The buttons of the adversarial attack, how far it is, and how much of its norm it has used.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./protocol.js").AttackResult} AttackResult
 * @typedef {(action: "step" | "undo" | "reset" | "cancel", steps?: number) => void} Act
 */

import { element, icon, setText } from "./dom.js";
import { recall, remember } from "./memory.js";
import { makeNormOf } from "./rules.js";

const FILES = { "perturbation.npy": "Perturbation", "original.npy": "Original", "adversarial.png": "PNG" };
const MOST_STEPS = 1000;
const LOST =
  "Rounded to 8 bits, the saved picture no longer reaches the attack's goal. Perturbation and Original are exact.";

export class AttackPanel {
  /** @param {Store} store @param {import("./protocol.js").Attacks} attacks @param {Act} act */
  constructor(store, attacks, act) {
    Object.assign(this, { store, attacks, act, normOf: makeNormOf(attacks), asked: 0 });
    this.step = button("button attack-step", "", () => {
      this.asked = 1;
      act("step");
    });
    this.run = button("button attack-second", "Run", () => this.runOrCancel());
    this.count = element("input", {
      type: "number",
      class: "attack-count",
      min: 1,
      max: MOST_STEPS,
      value: recall("attack.run") ?? 10,
      "aria-label": "Steps to run",
    });
    this.count.addEventListener("change", () => remember("attack.run", String(this.steps())));
    this.undo = button("button attack-second", "Undo", () => act("undo"));
    this.reset = button("button attack-second", "Reset", () => act("reset"));
    this.progress = element("span", { class: "attack-words", role: "status" });
    this.size = element("span", { class: "attack-words attack-size" });
    this.fill = element("span", { class: "attack-fill" });
    this.files = Object.entries(FILES).map(([file, label]) => {
      const title = `Save ${file}: ${file.endsWith("png") ? "8 bits" : "exact, 32-bit floats"}`;
      const link = element("a", { class: "attack-file", download: file, title }, icon("save"), label);
      if (file.endsWith("png")) link.addEventListener("click", () => this.tellIfLost());
      return link;
    });
    this.note = element("p", { class: "attack-words", role: "status", hidden: true }, LOST);
    this.active = element(
      "div",
      { class: "attack-active", hidden: true },
      element("div", { class: "attack-line" }, this.progress, this.size),
      element("div", { class: "attack-bar", "aria-hidden": "true" }, this.fill),
      element("div", { class: "attack-line" }, this.undo, this.reset, ...this.files),
      this.note,
    );
    const start = element("div", { class: "attack-line" }, this.step, this.run, this.count);
    this.node = element("div", { class: "attack-panel" }, start, this.active);
    store.subscribe(() => this.follow());
    this.follow();
  }

  steps() {
    return Math.min(MOST_STEPS, Math.max(1, Math.round(this.count.valueAsNumber) || 1));
  }

  runOrCancel() {
    if (this.running) {
      this.act("cancel");
      return;
    }
    this.count.value = String(this.steps());
    this.asked = this.steps();
    this.act("step", this.asked);
  }

  /** Of the picture that is being saved: whether its attack survives the rounding. */
  async tellIfLost() {
    const answer = await fetch(`api/attack/${this.shown}/in-8-bits`);
    this.note.hidden = !answer.ok || !(await answer.json()).lost;
  }

  /** Settings that the method doesn't have are put out of the way. */
  follow() {
    const method = this.attacks.methods.find(({ name }) => name === this.store.get("attack.method"));
    setText(this.step, `${method.label.split(",")[0]} Step`);
    const used = {
      norm: method.norms.includes(this.store.get("attack.norm")),
      step_size: method.step_size,
      random_start: method.random_start,
      seed: method.seed,
    };
    for (const [name, has] of Object.entries(used)) {
      const line = document.getElementById(`attack.${name}`)?.closest(".control");
      if (line) /** @type {HTMLElement} */ (line).hidden = !has;
    }
  }

  /** @param {AttackResult | undefined} attack */
  draw(attack) {
    // Single steps pressed faster than they are made queue up; that is no run.
    this.running = Boolean(attack?.running) && this.asked > 1;
    this.active.hidden = !attack;
    this.step.disabled = this.running;
    setText(this.run, this.running ? "Cancel" : "Run");
    this.count.disabled = this.running;
    if (!attack) return;
    if (attack.name !== this.shown || attack.steps !== this.shownSteps) this.note.hidden = true;
    this.shown = attack.name;
    this.shownSteps = attack.steps;
    const steps = `${attack.steps} ${attack.steps === 1 ? "step" : "steps"}`;
    const done = this.asked - attack.running;
    setText(this.progress, this.running ? `Step ${Math.max(0, done)} of ${this.asked}` : steps);
    const norm = this.attacks.norms.find(({ name }) => name === attack.norm);
    setText(this.size, `${norm.label} ${digits(attack.norm_used)} of ${digits(attack.epsilon)}`);
    const share = attack.epsilon > 0 ? Math.min(1, attack.norm_used / attack.epsilon) : 0;
    this.fill.style.transform = `scaleX(${share.toFixed(4)})`;
    this.undo.disabled = attack.steps === 0 || this.running;
    for (const link of this.files) link.href = `api/attack/${attack.name}/${link.download}`;
  }
}

function button(kind, text, act) {
  const node = element("button", { type: "button", class: kind }, text);
  node.addEventListener("click", act);
  return node;
}

/** Three digits, whatever the norm's range. @param {number} value */
function digits(value) {
  return String(Number(value.toPrecision(3)));
}
