/**
 * A grid of many equal cells of which only those in sight exist: what scrolls out is used again for what scrolls in.
 * Arrow keys walk through all of them. A row's pictures share one canvas: a canvas for every cell scrolls several times
 * slower.
 *
 * @typedef {{node: HTMLElement}} Cell
 * @typedef {{canvas: HTMLCanvasElement, context: CanvasRenderingContext2D}} Row
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
   * @param {(cell: Cell, place: number) => void} bind says what belongs at a place of the grid
   * @param {(place: number) => CanvasImageSource} picture of that place, drawn crisp
   */
  constructor(make, bind, picture) {
    Object.assign(this, { make, bind, picture });
    this.count = 0;
    this.columns = 1;
    /** Where the keyboard is. */
    this.active = 0;
    /** @type {Map<number, Cell>} */
    this.cells = new Map();
    /** @type {Cell[]} */
    this.free = [];
    /** @type {Map<number, Row>} */
    this.rows = new Map();
    /** @type {Row[]} */
    this.freeRows = [];
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
    this.inner.style.setProperty("--row", `${this.columns * (this.side + GAP) - GAP}px`);
    for (const place of [...this.cells.keys()]) this.release(place);
    for (const row of [...this.rows.keys()]) this.releaseRow(row);
    this.fill();
  }

  /** Gives every place in sight its cell. */
  fill() {
    if (!this.rowHeight) return;
    const { scrollTop, clientHeight } = this.node;
    const last = Math.ceil(this.count / this.columns);
    const top = Math.max(0, Math.floor(scrollTop / this.rowHeight) - SPARE);
    const bottom = Math.min(last, Math.ceil((scrollTop + clientHeight) / this.rowHeight) + SPARE);
    for (const row of [...this.rows.keys()]) if (row < top || row >= bottom) this.releaseRow(row);
    for (let row = top; row < bottom; row += 1) if (!this.rows.has(row)) this.takeRow(row);
    const first = top * this.columns;
    const end = Math.min(this.count, bottom * this.columns);
    for (const place of [...this.cells.keys()]) {
      if (place < first || place >= end) this.release(place);
    }
    for (let place = first; place < end; place += 1) {
      if (!this.cells.has(place)) this.take(place);
    }
  }

  takeRow(row) {
    const own = this.freeRows.pop() ?? makeRow();
    own.canvas.hidden = false;
    own.canvas.style.top = `${row * this.rowHeight}px`;
    this.rows.set(row, own);
    this.paint(own, row);
    if (!own.canvas.isConnected) this.inner.append(own.canvas);
  }

  releaseRow(row) {
    const own = this.rows.get(row);
    own.canvas.hidden = true;
    this.rows.delete(row);
    this.freeRows.push(own);
  }

  /** @param {Row} own @param {number} row */
  paint({ canvas, context }, row) {
    const step = this.side + GAP;
    const width = Math.round((this.columns * step - GAP) * devicePixelRatio);
    const height = Math.round(this.side * devicePixelRatio);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    else context.clearRect(0, 0, width, height);
    context.imageSmoothingEnabled = false;
    for (let column = 0; column < this.columns; column += 1) {
      const place = row * this.columns + column;
      const x = Math.round(column * step * devicePixelRatio);
      if (place < this.count) context.drawImage(this.picture(place), x, 0, height, height);
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
    for (const [row, own] of this.rows) this.paint(own, row);
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

/** @returns {Row} */
function makeRow() {
  const canvas = element("canvas", { class: "grid-row", "aria-hidden": "true" });
  return { canvas, context: canvas.getContext("2d") };
}
