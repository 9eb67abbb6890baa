/**
 * A grid of many equal cells of which only those in sight exist: cells that scroll out are used again for those that
 * scroll in. Arrow keys walk through all of them.
 *
 * @typedef {{node: HTMLElement}} Cell
 */

import { element } from "../dom.js";

const LEAST = 64;
const GAP = 8;
const CAPTION = 20;
/** Rows kept on either side of what is in sight. */
const SPARE = 1;

const KEYS = {
  ArrowLeft: () => -1,
  ArrowRight: () => 1,
  ArrowUp: (columns) => -columns,
  ArrowDown: (columns) => columns,
  PageUp: (columns, rows) => -columns * rows,
  PageDown: (columns, rows) => columns * rows,
  Home: () => -Infinity,
  End: () => Infinity,
};

export class GridWindow {
  /**
   * @param {() => Cell} make
   * @param {(cell: Cell, place: number) => void} bind shows what belongs at a place of the grid
   */
  constructor(make, bind) {
    this.make = make;
    this.bind = bind;
    this.count = 0;
    this.columns = 1;
    /** Where the keyboard is. */
    this.active = 0;
    /** @type {Map<number, Cell>} */
    this.cells = new Map();
    /** @type {Cell[]} */
    this.free = [];
    this.inner = element("div", { class: "grid-inner" });
    this.node = element("div", { class: "grid-window" }, this.inner);
    this.node.addEventListener("scroll", () => this.fill(), { passive: true });
    this.node.addEventListener("keydown", (event) => this.walk(event));
    this.node.addEventListener("focusin", (event) => this.focused(event.target));
    new ResizeObserver(() => this.measure()).observe(this.node);
  }

  /** @param {number} count */
  setCount(count) {
    if (count === this.count) return;
    this.count = count;
    this.active = Math.min(this.active, Math.max(0, count - 1));
    this.measure();
  }

  measure() {
    const width = this.inner.clientWidth;
    if (!width) return;
    this.columns = Math.max(1, Math.floor((width + GAP) / (LEAST + GAP)));
    this.side = Math.floor((width + GAP) / this.columns) - GAP;
    this.rowHeight = this.side + CAPTION + GAP;
    this.inner.style.height = `${Math.ceil(this.count / this.columns) * this.rowHeight - GAP}px`;
    this.inner.style.setProperty("--side", `${this.side}px`);
    for (const place of [...this.cells.keys()]) this.release(place);
    this.fill();
  }

  /** Gives every place in sight its cell. */
  fill() {
    if (!this.rowHeight) return;
    const top = Math.floor(this.node.scrollTop / this.rowHeight) - SPARE;
    const bottom = Math.ceil((this.node.scrollTop + this.node.clientHeight) / this.rowHeight) + SPARE;
    const first = Math.max(0, top * this.columns);
    const end = Math.min(this.count, bottom * this.columns);
    for (const place of [...this.cells.keys()]) {
      if (place < first || place >= end) this.release(place);
    }
    for (let place = first; place < end; place += 1) {
      if (!this.cells.has(place)) this.take(place);
    }
  }

  take(place) {
    const cell = this.free.pop() ?? this.make();
    const column = place % this.columns;
    const x = column * (this.side + GAP);
    const y = Math.floor(place / this.columns) * this.rowHeight;
    cell.node.style.transform = `translate(${x}px, ${y}px)`;
    cell.node.tabIndex = place === this.active ? 0 : -1;
    cell.node.hidden = false;
    this.cells.set(place, cell);
    this.bind(cell, place);
    if (!cell.node.isConnected) this.inner.append(cell.node);
  }

  release(place) {
    const cell = this.cells.get(place);
    // A cell with the keyboard in it stays, wherever it is: the focus would be lost.
    if (cell.node === document.activeElement && place < this.count) return;
    cell.node.hidden = true;
    this.cells.delete(place);
    this.free.push(cell);
  }

  /** Shows everything in sight anew. */
  refresh() {
    for (const [place, cell] of this.cells) this.bind(cell, place);
  }

  /** @param {number} place */
  scrollTo(place) {
    const y = Math.floor(place / this.columns) * this.rowHeight;
    const { scrollTop, clientHeight } = this.node;
    if (y < scrollTop) this.node.scrollTop = y;
    else if (y + this.rowHeight > scrollTop + clientHeight)
      this.node.scrollTop = y + this.rowHeight - clientHeight;
    this.fill();
  }

  /** @param {KeyboardEvent} event */
  walk(event) {
    const step = KEYS[event.key];
    if (!step || !this.count) return;
    event.preventDefault();
    const rows = Math.max(1, Math.floor(this.node.clientHeight / this.rowHeight));
    const target = Math.min(this.count - 1, Math.max(0, this.active + step(this.columns, rows)));
    this.scrollTo(target);
    this.cells.get(target)?.node.focus({ preventScroll: true });
    this.fill();
  }

  focused(node) {
    for (const [place, cell] of this.cells) {
      if (cell.node === node) this.active = place;
      cell.node.tabIndex = cell.node === node ? 0 : -1;
    }
  }
}
