// One canvas with axes, zoom, hover and keyboard. What is drawn inside is given by `paint(plot, ctx)`, and by
// `live(plot, ctx)` for what moves in a drag over a picture that stays: that picture is then kept and only copied.

const FONT = "11px system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"

function niceTicks(low, high, wanted) {
  const rough = (high - low) / Math.max(1, wanted), power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((f) => f * power).find((s) => s >= rough * 0.999)
  const ticks = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) { ticks.push(i * step) }
  return [ticks, step]
}

const SUPERSCRIPT = {"-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹"}
function superscript(n) { return String(n).replace(/./g, (c) => SUPERSCRIPT[c]) }

function minus(text) { return text.replace("-", "−") }

function formatNumber(v, digits = 4) {
  if (!Number.isFinite(v)) { return "–" }
  if (v === 0) { return "0" }
  const a = Math.abs(v)
  if (a >= 1e-3 && a < 1e5) { return minus(String(Number(v.toPrecision(digits)))) }
  const [m, e] = v.toExponential(digits - 1).split("e")
  return `${minus(String(Number(m)))}·10${superscript(Number(e))}`
}

function same(a, b) { return a.length === b.length && a.every((v, i) => Object.is(v, b[i])) }

class Plot {
  // options: title, describe() -> aria text, paint(plot, ctx) with still() -> all it depends on, live(plot, ctx) with
  // moving() -> all it depends on, hover(plot, x, y) -> text, click(plot, x, y),
  // xlabel, ylabel, equal (same scale on both axes), log (y axis in decades), fixedX, head (pixels kept free above
  // all that is shown at home, for a legend).
  constructor(parent, options) {
    this.o = options
    this.home = {x: [0, 1], y: [0, 1]}
    this.range = null // null: follows home
    this.cursor = null
    this.figure = document.createElement("figure")
    this.figure.className = "panel"
    this.caption = document.createElement("figcaption")
    this.caption.innerHTML = `<span class="title">${options.title}</span><span class="value" aria-live="polite"></span>`
    this.value = this.caption.querySelector(".value")
    this.resetButton = document.createElement("button")
    this.resetButton.type = "button"
    this.resetButton.className = "reset"
    this.resetButton.textContent = "reset"
    this.resetButton.title = "Show all again"
    this.resetButton.hidden = true
    this.resetButton.addEventListener("click", () => this.reset())
    this.caption.append(this.resetButton)
    this.box = document.createElement("div")
    this.box.className = "box"
    this.canvas = document.createElement("canvas")
    this.canvas.tabIndex = 0
    this.canvas.setAttribute("role", "img")
    this.canvas.setAttribute("aria-label", options.aria)
    const enter = options.click ? `Enter ${options.enter || "sets μ there"}, ` : ""
    this.canvas.setAttribute("aria-description", `Arrow keys move the cursor, with Shift in long steps; ${enter}+ and − zoom, 0 shows all, Escape leaves`)
    this.canvas.title = ""
    this.box.append(this.canvas)
    this.figure.append(this.caption, this.box)
    parent.append(this.figure)
    // Sizes come from the observer: reading them in every frame would force a layout.
    this.size = null
    new ResizeObserver(([entry]) => { this.size = entry.contentRect; this.redraw() }).observe(this.box)
    this.context = this.canvas.getContext("2d", {alpha: false})
    this.listen()
  }

  setTitle(html) { if (this.title !== html) { this.title = html; this.caption.querySelector(".title").innerHTML = html } }

  resize() {
    if (!this.size) { this.size = {width: this.box.clientWidth, height: this.box.clientHeight} }
    const {width: w, height: h} = this.size, dpr = Math.min(2, window.devicePixelRatio || 1)
    if (!w || !h) { this.size = null; return false }
    if (this.w !== w || this.h !== h || this.dpr !== dpr) {
      this.w = w; this.h = h; this.dpr = dpr
      this.canvas.width = Math.round(w * dpr); this.canvas.height = Math.round(h * dpr)
    }
    return true
  }

  get margins() { return this.o.margins || {l: 58, r: 12, t: 8, b: 36} }

  layout() {
    const m = this.margins, r = this.range || this.home
    this.x0 = m.l; this.x1 = this.w - m.r; this.y0 = m.t; this.y1 = this.h - m.b
    let [xa, xb] = r.x, [ya, yb] = r.y
    if (this.o.head && !this.range) { yb += (yb - ya) * this.o.head / Math.max(this.o.head, this.y1 - this.y0 - this.o.head) }
    if (this.o.equal) {
      const s = Math.min((this.x1 - this.x0) / (xb - xa), (this.y1 - this.y0) / (yb - ya))
      const cx = (xa + xb) / 2, cy = (ya + yb) / 2, hw = (this.x1 - this.x0) / 2 / s, hh = (this.y1 - this.y0) / 2 / s
      xa = cx - hw; xb = cx + hw; ya = cy - hh; yb = cy + hh
    }
    this.view = {x: [xa, xb], y: [ya, yb]}
    this.sx = (this.x1 - this.x0) / (xb - xa); this.sy = (this.y1 - this.y0) / (yb - ya)
  }

  px(x) { return this.x0 + (x - this.view.x[0]) * this.sx }
  py(y) { return this.y1 - (y - this.view.y[0]) * this.sy }
  ux(px) { return this.view.x[0] + (px - this.x0) / this.sx }
  uy(py) { return this.view.y[0] + (this.y1 - py) / this.sy }

  draw(theme) {
    if (!this.resize()) { return }
    this.theme = theme
    this.layout()
    const still = [theme, this.w, this.h, this.dpr, ...this.view.x, ...this.view.y, ...this.o.still()]
    const moving = [...this.o.moving(), ...(this.cursor || [])]
    const kept = this.still && same(still, this.still)
    if (kept && same(moving, this.moving)) { return }
    this.still = still; this.moving = moving
    const c = this.context
    if (kept) {
      // Kept from its second use on: a picture that changes in every frame is drawn where it is seen.
      if (!this.layerHolds) { this.keep(theme) }
      c.setTransform(1, 0, 0, 1, 0, 0)
      c.drawImage(this.layer, 0, 0)
    } else {
      this.layerHolds = false
      this.drawStill(c, theme)
    }
    c.setTransform(this.dpr, 0, 0, this.dpr, 0, 0)
    c.save()
    c.beginPath(); c.rect(this.x0, this.y0, this.x1 - this.x0, this.y1 - this.y0); c.clip()
    this.o.live(this, c, theme)
    c.restore()
    if (this.cursor) { this.drawCursor(c, theme) }
  }

  keep(theme) {
    if (!this.layer) { this.layer = document.createElement("canvas") }
    if (this.layer.width !== this.canvas.width || this.layer.height !== this.canvas.height) {
      this.layer.width = this.canvas.width; this.layer.height = this.canvas.height
    }
    this.drawStill(this.layer.getContext("2d", {alpha: false}), theme)
    this.layerHolds = true
  }

  drawStill(c, theme) {
    c.setTransform(this.dpr, 0, 0, this.dpr, 0, 0)
    c.fillStyle = theme.plot
    c.fillRect(0, 0, this.w, this.h)
    c.font = FONT
    this.axes(c, theme)
    c.save()
    c.beginPath(); c.rect(this.x0, this.y0, this.x1 - this.x0, this.y1 - this.y0); c.clip()
    this.o.paint(this, c, theme)
    c.restore()
    c.strokeStyle = theme.frame; c.lineWidth = 1
    c.strokeRect(this.x0 + 0.5, this.y0 + 0.5, this.x1 - this.x0 - 1, this.y1 - this.y0 - 1)
    if (this.o.over) { this.o.over(this, c, theme) }
  }

  axes(c, theme) {
    const {x, y} = this.view
    c.fillStyle = theme.ink; c.strokeStyle = theme.grid; c.lineWidth = 1
    c.textAlign = "center"; c.textBaseline = "top"
    c.beginPath()
    const labels = []
    if (this.o.xticks) {
      for (const [at, text] of this.o.xticks()) {
        const p = Math.round(this.px(at)) + 0.5
        if (p < this.x0 - 1 || p > this.x1 + 1) { continue }
        c.moveTo(p, this.y0); c.lineTo(p, this.y1)
        labels.push([text, p])
      }
    } else {
      const [ticks] = niceTicks(x[0], x[1], (this.x1 - this.x0) / 62)
      for (const t of ticks) {
        const p = Math.round(this.px(t)) + 0.5
        c.moveTo(p, this.y0); c.lineTo(p, this.y1)
        labels.push([formatNumber(t, 4), p])
      }
    }
    let last = -1e9
    for (const [text, p] of labels) {
      const w = c.measureText(text).width
      if (p - w / 2 < last + 4) { continue }
      c.fillText(text, Math.min(p, this.w - w / 2 - 1), this.y1 + 5)
      last = p + w / 2
    }
    c.textAlign = "right"; c.textBaseline = "middle"
    let factor = 0
    if (this.o.log) {
      const every = Math.max(1, Math.ceil((y[1] - y[0]) / Math.max(2, (this.y1 - this.y0) / 26)))
      for (let e = Math.ceil(y[0]); e <= y[1]; e++) {
        if (e % every) { continue }
        const p = Math.round(this.py(e)) + 0.5
        c.moveTo(this.x0, p); c.lineTo(this.x1, p)
        c.fillText(`10${superscript(e)}`, this.x0 - 5, p)
      }
    } else {
      const [ticks] = niceTicks(y[0], y[1], (this.y1 - this.y0) / 38)
      const big = Math.max(Math.abs(y[0]), Math.abs(y[1]))
      if (big && (big < 1e-2 || big >= 1e4)) { factor = Math.floor(Math.log10(big)) }
      for (const t of ticks) {
        const p = Math.round(this.py(t)) + 0.5
        c.moveTo(this.x0, p); c.lineTo(this.x1, p)
        c.fillText(formatNumber(t / 10 ** factor, 4), this.x0 - 5, p)
      }
    }
    c.stroke()
    c.fillStyle = theme.faint
    c.textAlign = "center"; c.textBaseline = "bottom"
    c.fillText(this.o.xlabel, (this.x0 + this.x1) / 2, this.h - 2)
    c.save()
    c.translate(2, (this.y0 + this.y1) / 2); c.rotate(-Math.PI / 2); c.textBaseline = "top"
    c.fillText(factor ? `${this.o.ylabel(this).replace("[", `[10${superscript(factor)} `)}` : this.o.ylabel(this), 0, 0)
    c.restore()
  }

  drawCursor(c, theme) {
    const p = this.px(this.cursor[0]), q = this.py(this.cursor[1])
    if (p < this.x0 || p > this.x1) { return }
    c.strokeStyle = theme.faint; c.lineWidth = 1; c.setLineDash([3, 3])
    c.beginPath(); c.moveTo(p, this.y0); c.lineTo(p, this.y1)
    if (q >= this.y0 && q <= this.y1) { c.moveTo(this.x0, q); c.lineTo(this.x1, q) }
    c.stroke(); c.setLineDash([])
  }

  setCursor(cursor, quiet) {
    this.cursor = cursor
    this.value.textContent = cursor && !quiet ? this.o.hover(this, cursor[0], cursor[1]) : ""
    this.redraw()
  }

  redraw() { if (this.theme) { this.draw(this.theme) } }

  reset() { this.range = null; this.resetButton.hidden = true; this.redraw(); if (this.o.moved) { this.o.moved(this) } }

  zoom(factor, x, y) {
    const v = this.view
    this.range = {
      x: this.o.fixedX ? v.x : v.x.map((a) => x + (a - x) * factor),
      y: v.y.map((a) => y + (a - y) * factor),
    }
    this.resetButton.hidden = false
    this.redraw()
    if (this.o.moved) { this.o.moved(this) }
  }

  pan(dx, dy) {
    const v = this.view
    this.range = {x: this.o.fixedX ? v.x : v.x.map((a) => a - dx), y: v.y.map((a) => a - dy)}
    this.resetButton.hidden = false
    this.redraw()
    if (this.o.moved) { this.o.moved(this) }
  }

  // Client pixels per pixel of the plot: another number than 1 in a page or frame that is zoomed or scaled by its host.
  magnified(b = this.canvas.getBoundingClientRect()) { return [b.width / this.w || 1, b.height / this.h || 1] }

  inside(e) {
    const b = this.canvas.getBoundingClientRect(), [fx, fy] = this.magnified(b)
    const p = (e.clientX - b.left) / fx, q = (e.clientY - b.top) / fy
    return p >= this.x0 && p <= this.x1 && q >= this.y0 && q <= this.y1 ? [p, q] : null
  }

  listen() {
    const c = this.canvas
    let drag = null
    c.addEventListener("pointermove", (e) => {
      const at = this.inside(e)
      if (drag) {
        const dx = e.clientX - drag.x, dy = e.clientY - drag.y
        if (!drag.moved && Math.hypot(dx, dy) < 4) { return }
        drag.moved = true
        const [fx, fy] = this.magnified()
        this.pan((e.clientX - drag.lx) / fx / this.sx, -(e.clientY - drag.ly) / fy / this.sy)
        drag.lx = e.clientX; drag.ly = e.clientY
        return
      }
      this.move(at ? [this.ux(at[0]), this.uy(at[1])] : null)
    })
    c.addEventListener("pointerleave", () => { if (!drag) { this.move(null) } })
    c.addEventListener("pointerdown", (e) => {
      if (e.button !== 0 || !this.inside(e)) { return }
      drag = {x: e.clientX, y: e.clientY, lx: e.clientX, ly: e.clientY, moved: false}
      if (e.pointerType !== "touch") { c.setPointerCapture(e.pointerId) }
    })
    const finish = (e) => {
      const at = drag && !drag.moved && this.inside(e)
      drag = null
      if (at && this.o.click) { this.o.click(this, this.ux(at[0]), this.uy(at[1])) }
    }
    c.addEventListener("pointerup", finish)
    c.addEventListener("pointercancel", () => { drag = null })
    c.addEventListener("dblclick", () => this.reset())
    c.addEventListener("wheel", (e) => {
      const at = this.inside(e)
      // Plain scrolling belongs to the page; ctrl, or a focused plot, zooms.
      if (!at || !(e.ctrlKey || e.metaKey || this.focused())) { return }
      e.preventDefault()
      this.zoom(Math.exp(e.deltaY * 0.0015), this.ux(at[0]), this.uy(at[1]))
    }, {passive: false})
    c.addEventListener("keydown", (e) => {
      const v = this.view
      if (!v) { return }
      const at = this.cursor || [(v.x[0] + v.x[1]) / 2, (v.y[0] + v.y[1]) / 2]
      const step = e.shiftKey ? 20 : 3
      const moves = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}
      if (moves[e.key]) {
        const [i, j] = moves[e.key]
        this.move([at[0] + i * step / this.sx, at[1] + j * step / this.sy])
      } else if (e.key === "+" || e.key === "=") { this.zoom(0.8, ...at) } else if (e.key === "-") { this.zoom(1.25, ...at) } else if (e.key === "0" || e.key === "Home") { this.reset() } else if (e.key === "Enter" && this.o.click) { this.o.click(this, ...at) } else if (e.key === "Escape") { this.move(null) } else { return }
      e.preventDefault()
    })
    c.addEventListener("blur", () => this.move(null))
  }

  focused() { return this.canvas.getRootNode().activeElement === this.canvas }

  move(cursor) { this.setCursor(cursor); if (this.o.follow) { this.o.follow(this, cursor) } }
}
