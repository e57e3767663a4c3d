// The six panels of the live view. `data` holds the newest arrays of each kind.

const LEGEND = 22 // height of a legend at the top of a panel [px]
const DASH = {solid: [], dash: [6, 4], dot: [1.5, 3]}

function line(plot, c, x, y, offset, count, colour, width, dash) {
  c.strokeStyle = colour; c.lineWidth = width; c.setLineDash(dash || [])
  c.beginPath()
  let pen = false
  for (let i = 0; i < count; i++) {
    const v = y[offset + i]
    if (!Number.isFinite(v)) { pen = false; continue }
    if (pen) { c.lineTo(plot.px(x[i]), plot.py(v)) } else { c.moveTo(plot.px(x[i]), plot.py(v)); pen = true }
  }
  c.stroke(); c.setLineDash([])
}

const PALE = 0.4

// A curve that may still move is pale, with the band of what every other point of its mesh makes of it.
function settlingLine(plot, c, x, y, reach, settled, offset, count, colour, width, dash) {
  if (settled.every((v) => v > 0)) { line(plot, c, x, y, offset, count, colour, width, dash); return }
  c.save()
  c.fillStyle = colour; c.globalAlpha = 0.14
  for (let i = 0; i + 1 < count; i++) {
    const a = offset + i, b = a + 1
    if ((settled[i] && settled[i + 1]) || !Number.isFinite(reach[a] + reach[b])) { continue }
    c.beginPath(); c.moveTo(plot.px(x[i]), plot.py(y[a] - reach[a])); c.lineTo(plot.px(x[i + 1]), plot.py(y[b] - reach[b]))
    c.lineTo(plot.px(x[i + 1]), plot.py(y[b] + reach[b])); c.lineTo(plot.px(x[i]), plot.py(y[a] + reach[a])); c.fill()
  }
  c.globalAlpha = PALE
  line(plot, c, x, y, offset, count, colour, width, dash)
  c.restore()
  const sure = Float32Array.from({length: count}, (_, i) => settled[i] ? y[offset + i] : NaN)
  line(plot, c, x, sure, 0, count, colour, width, dash)
}

function marker(c, shape, x, y, r) {
  c.beginPath()
  if (shape === "circle") { c.arc(x, y, r, 0, 7) } else { c.rect(x - r, y - r, 2 * r, 2 * r) }
}

function points(plot, c, x, y, error, offset, count, colour, shape) {
  c.strokeStyle = colour; c.lineWidth = 1.2
  for (let i = 0; i < count; i++) {
    const v = y[offset + i], p = plot.px(x[i]), q = plot.py(v)
    if (!Number.isFinite(v) || p < plot.x0 - 4 || p > plot.x1 + 4) { continue }
    const e = error ? error[offset + i] * plot.sy : NaN
    if (e > 2) { c.beginPath(); c.moveTo(p, q - e); c.lineTo(p, q + e); c.moveTo(p - 2, q - e); c.lineTo(p + 2, q - e); c.moveTo(p - 2, q + e); c.lineTo(p + 2, q + e); c.stroke() }
    marker(c, shape, p, q, 2.2); c.stroke()
  }
}

function legend(plot, c, theme, entries) {
  let x = plot.x0 + 8
  const y = plot.y0 + 11
  c.font = FONT; c.textAlign = "left"; c.textBaseline = "middle"
  let width = 8
  for (const e of entries) { width += 24 + c.measureText(e.text).width + 10 }
  c.globalAlpha = 0.82; c.fillStyle = theme.plot; c.fillRect(plot.x0 + 1, plot.y0 + 1, Math.min(width, plot.x1 - plot.x0 - 2), LEGEND - 2); c.globalAlpha = 1
  plot.legendEnd = plot.x0 + width
  for (const e of entries) {
    c.strokeStyle = e.colour; c.lineWidth = 1.8
    if (e.shape) { c.lineWidth = 1.2; marker(c, e.shape, x + 9, y, 2.6); c.stroke() } else {
      c.setLineDash(e.dash || []); c.beginPath(); c.moveTo(x, y); c.lineTo(x + 18, y); c.stroke(); c.setLineDash([])
    }
    c.fillStyle = theme.ink; c.fillText(e.text, x + 23, y)
    x += 24 + c.measureText(e.text).width + 10
  }
}

function vanishes(values) { for (const v of values) { if (v !== 0) { return false } } return true }

function say(plot, c, theme, words, q) {
  c.fillStyle = theme.faint; c.font = FONT; c.textAlign = "center"; c.textBaseline = "bottom"
  c.fillText(words, (plot.x0 + plot.x1) / 2, q)
}

function sayZero(plot, c, theme) { say(plot, c, theme, "zero at every μ: see the tab Symmetry", plot.py(0) - 8) }

function muLine(plot, c, theme, data) {
  if (data.head.mu == null) { return }
  const p = plot.px(data.head.mu)
  c.strokeStyle = theme.mu; c.lineWidth = 1.5
  c.beginPath(); c.moveTo(p, plot.y0 + (p < plot.legendEnd ? LEGEND - 1 : 0)); c.lineTo(p, plot.y1); c.stroke()
}

function spread(arrays, pad) {
  let low = Infinity, high = -Infinity
  for (const a of arrays) { for (const v of a) { if (v < low) { low = v } if (v > high) { high = v } } }
  if (!(high >= low)) { return [-1, 1] }
  if (high - low < 1e-30) { return [low - 1e-12 - Math.abs(low), high + 1e-12 + Math.abs(high)] }
  const d = (high - low) * pad
  return [low - d, high + d]
}

function nearest(x, v) {
  let best = 0
  for (let i = 1; i < x.length; i++) { if (Math.abs(x[i] - v) < Math.abs(x[best] - v)) { best = i } }
  return best
}

function bandPanel(parent, data, actions) {
  const plot = new Plot(parent, {
    title: "Bands", about: "bands", aria: "Band structure along the path, with chemical potential and thermal window",
    xlabel: "", ylabel: () => "energy [eV]", fixedX: true, margins: {l: 52, r: 64, t: 8, b: 36},
    xticks: () => (data.path ? data.path.corners : []),
    still: () => [data.path], moving: () => [data.head.mu, data.head.kT],
    paint(p, c, theme) {
      const d = data.path
      if (!d) { return }
      const K = d.x.length, N = d.e.length / K
      // Segments of one colour are stroked together: 32 strokes instead of thousands.
      const bins = new Array(32)
      for (let n = 0; n < N; n++) {
        for (let i = 0; i + 1 < K; i++) {
          const a = n * K + i, bin = d.colour ? (d.c[a] + d.c[a + 1]) >> 4 : 0
          const q0 = p.py(d.e[a]), q1 = p.py(d.e[a + 1])
          if (Math.max(q0, q1) < p.y0 || Math.min(q0, q1) > p.y1) { continue }
          const list = bins[bin] || (bins[bin] = [])
          list.push(p.px(d.x[i]), q0, p.px(d.x[i + 1]), q1)
        }
      }
      c.lineWidth = 2; c.lineCap = "round"
      const order = [...bins.keys()].sort((a, b) => Math.abs(a - 15.5) - Math.abs(b - 15.5))
      for (const bin of order) {
        const list = bins[bin]
        if (!list) { continue }
        c.strokeStyle = d.colour ? paletteCss(theme.line, bin * 8 + 4) : theme.ink
        c.beginPath()
        for (let i = 0; i < list.length; i += 4) { c.moveTo(list[i], list[i + 1]); c.lineTo(list[i + 2], list[i + 3]) }
        c.stroke()
      }
      c.lineCap = "butt"
    },
    live(p, c, theme) {
      const h = data.head
      if (!data.path) { return }
      c.fillStyle = theme.window
      // Nearly all of -f0' lies within 4 k_B T.
      c.fillRect(p.x0, p.py(h.mu + 4 * h.kT), p.x1 - p.x0, p.py(h.mu - 4 * h.kT) - p.py(h.mu + 4 * h.kT))
      const q = p.py(h.mu)
      c.strokeStyle = theme.mu; c.lineWidth = 1.5
      c.beginPath(); c.moveTo(p.x0, q); c.lineTo(p.x1, q); c.stroke()
      c.fillStyle = theme.mu; c.font = FONT; c.textAlign = "left"; c.textBaseline = "bottom"
      c.fillText("μ", p.x0 + 5, q - 1)
    },
    over(p, c, theme) { if (data.path && data.path.colour) { colourBar(p, c, theme, theme.line, data.path) } },
    hover(p, x, y) {
      const d = data.path, i = nearest(d.x, x), K = d.x.length, N = d.e.length / K
      let best = 0
      for (let n = 1; n < N; n++) { if (Math.abs(d.e[n * K + i] - y) < Math.abs(d.e[best * K + i] - y)) { best = n } }
      const at = best * K + i
      return `band ${best + 1}: ${formatNumber(d.e[at])} eV` + (d.colour ? `, ${formatNumber(scaleInverse(d.c[at], d.limit), 2)} ${d.unit}` : "")
    },
    click(p, x, y) { actions.setMu(y) },
  })
  return plot
}

const SHARPNESS = 50 // of the asinh scale: linear up to limit / 50, logarithmic beyond
function scaleInverse(byte, limit) { return limit * Math.sinh((byte - 128) / 127 * Math.asinh(SHARPNESS)) / SHARPNESS }
function scalePosition(v, limit) { return Math.asinh(SHARPNESS * v / limit) / Math.asinh(SHARPNESS) }

// In two digits, as on a colour bar; powers of ten where plain digits would need more room: 2·10⁷.
function shortNumber(v) {
  if (!v || (Math.abs(v) < 1e4 && Math.abs(v) >= 1e-2)) { return formatNumber(v, 2) }
  const [digit, power] = v.toExponential(0).split("e")
  return `${minus(digit)}·10${superscript(Number(power))}`
}

const STRIPS = new Map()
function paletteStrip(palette) {
  let strip = STRIPS.get(palette)
  if (!strip) {
    strip = document.createElement("canvas")
    strip.width = 1; strip.height = 255
    const c = strip.getContext("2d"), pixels = c.createImageData(1, 255)
    for (let i = 1; i < 256; i++) { pixels.data.set(palette.subarray(4 * i, 4 * i + 4), 4 * (255 - i)) }
    c.putImageData(pixels, 0, 0)
    STRIPS.set(palette, strip)
  }
  return strip
}

function colourBar(plot, c, theme, palette, {limit, largest}) {
  const x = plot.x1 + 8, w = 9, h = plot.y1 - plot.y0
  c.drawImage(paletteStrip(palette), x, plot.y0, w, h)
  c.strokeStyle = theme.frame; c.lineWidth = 1; c.strokeRect(x + 0.5, plot.y0 + 0.5, w, h - 1)
  c.fillStyle = theme.ink; c.font = FONT; c.textAlign = "left"; c.textBaseline = "middle"
  for (const f of [-1, -0.1, 0, 0.1, 1]) {
    const q = Math.min(plot.y1 - 5, Math.max(plot.y0 + 6, (plot.y0 + plot.y1) / 2 - scalePosition(f * limit, limit) * h / 2))
    c.fillText(shortNumber(f * limit), x + w + 4, q)
  }
  c.fillStyle = theme.faint; c.textBaseline = "top"
  c.fillText("sym. log", x + 4, plot.y1 + 7)
  if (largest > 1.005 * limit) {
    // Where colours end before the values do, both are said: the bar is pointed, the largest size stands below it.
    for (const [entry, q, tip] of [[255, plot.y0 + 1, plot.y0 - 5], [1, plot.y1 - 1, plot.y1 + 4]]) {
      c.fillStyle = paletteCss(palette, entry)
      c.beginPath(); c.moveTo(x, q); c.lineTo(x + w, q); c.lineTo(x + w / 2, tip); c.fill()
    }
    c.fillStyle = theme.faint; c.textAlign = "right"; c.textBaseline = "bottom"
    c.fillText(`clipped, max ${shortNumber(largest)}`, plot.w - 4, plot.h - 2)
  }
}

function mapPanel(parent, data, actions, component) {
  const letter = "xy"[component]
  const image = document.createElement("canvas"), ic = image.getContext("2d")
  let pixels = null, drawn = null
  function refresh(theme) {
    const m = data.map
    if (drawn && drawn.m === m && drawn.theme === theme) { return }
    if (image.width !== m.n) { image.width = image.height = m.n; pixels = null }
    if (!pixels) { pixels = ic.createImageData(m.n, m.n) }
    const out = new Uint32Array(pixels.data.buffer), palette = paletteView(theme.map), bytes = m.bytes[component]
    for (let i = 0; i < bytes.length; i++) { out[i] = palette[bytes[i]] }
    ic.putImageData(pixels, 0, 0)
    drawn = {m, theme}
  }
  return new Plot(parent, {
    title: `Λ<sub>${letter}</sub>(k)`, about: `map of Λ${letter}`, aria: `Map of Lambda ${letter} over the Brillouin zone with the Fermi contour`,
    xlabel: "kx [1/Å]", ylabel: () => "ky [1/Å]", equal: true, margins: {l: 50, r: 64, t: 8, b: 36},
    still: () => [data.map], moving: () => data.head.k || [],
    paint(p, c, theme) {
      const m = data.map
      if (!m) { return }
      refresh(theme)
      const path = new Path2D(), o = m.outline
      for (let i = 0; i < o.length; i += 2) { path[i ? "lineTo" : "moveTo"](p.px(o[i]), p.py(o[i + 1])) }
      path.closePath()
      c.imageSmoothingEnabled = true
      const ox = p.px(0), oy = p.py(0)
      c.save()
      if (m.cell) {
        const [b1, b2] = m.cell, n = m.n
        const a = b2[0] / n * p.sx, b = -b2[1] / n * p.sy, e = b1[0] / n * p.sx, f = -b1[1] / n * p.sy
        const pattern = c.createPattern(image, "repeat")
        pattern.setTransform(new DOMMatrix([a, b, e, f, ox - (a + e) / 2, oy - (b + f) / 2]))
        c.fillStyle = pattern
        c.fill(path)
        c.clip(path)
      } else {
        c.clip(path)
        const d = m.cutoff * m.n / (m.n - 1)
        c.translate(ox, oy); c.scale(1, -1)
        c.drawImage(image, -d * p.sx, -d * p.sy, 2 * d * p.sx, 2 * d * p.sy)
        c.scale(1, -1); c.translate(-ox, -oy)
      }
      c.strokeStyle = theme.contour; c.lineWidth = 1.3
      const g = m.contour
      for (const [dx, dy] of m.shifts) {
        c.beginPath()
        let pen = false
        for (let i = 0; i < g.length; i += 2) {
          if (Number.isNaN(g[i])) { pen = false; continue }
          const x = p.px(g[i] + dx), y = p.py(g[i + 1] + dy)
          if (pen) { c.lineTo(x, y) } else { c.moveTo(x, y); pen = true }
        }
        c.stroke()
      }
      c.restore()
      c.strokeStyle = theme.faint; c.lineWidth = 1.2; c.stroke(path)
    },
    live(p, c, theme) {
      if (data.map && data.head.k) {
        const x = p.px(data.head.k[0]), y = p.py(data.head.k[1])
        c.strokeStyle = theme.pick; c.lineWidth = 2
        c.beginPath(); c.arc(x, y, 5, 0, 7); c.moveTo(x - 9, y); c.lineTo(x - 3, y); c.moveTo(x + 3, y); c.lineTo(x + 9, y); c.stroke()
      }
    },
    over(p, c, theme) { if (data.map) { colourBar(p, c, theme, theme.map, data.map) } },
    hover(p, x, y) {
      const v = mapValue(data.map, component, x, y)
      return `(${minus(x.toFixed(3))}, ${minus(y.toFixed(3))}): ` + (v === null ? "outside" : `${formatNumber(v, 3)} e/ħ Å³`)
    },
    enter: "picks the wave vector",
    click(p, x, y) { if (mapValue(data.map, component, x, y) !== null) { actions.pick(x, y) } },
    follow(p, cursor) { actions.follow(component, cursor) },
    moved(p) { actions.together(component, p.range) },
  })
}

function mapValue(m, component, x, y) {
  let i, j
  if (m.cell) {
    const [b1, b2] = m.cell, det = b1[0] * b2[1] - b1[1] * b2[0]
    const s = (x * b2[1] - y * b2[0]) / det, t = (b1[0] * y - b1[1] * x) / det
    i = ((Math.round(s * m.n) % m.n) + m.n) % m.n; j = ((Math.round(t * m.n) % m.n) + m.n) % m.n
  } else {
    if (Math.hypot(x, y) > m.cutoff) { return null }
    j = Math.round((x / m.cutoff + 1) / 2 * (m.n - 1)); i = Math.round((y / m.cutoff + 1) / 2 * (m.n - 1))
  }
  const at = i * m.n + j
  return m.exact ? m.exact[component][at] : scaleInverse(m.bytes[component][at], m.limit)
}

function curveHover(p, x, rows) { return `μ = ${formatNumber(x)} eV: ${rows.join(", ")}` }

function chiPanel(parent, data, actions) {
  return new Plot(parent, {
    title: "χ(μ)", about: "χ of μ", aria: "chi x and chi y against the chemical potential", xlabel: "μ [eV]",
    ylabel: () => "χ [nm/Ω]", head: LEGEND,
    still: () => [data.curves], moving: () => [data.head.mu], live: (p, c, theme) => muLine(p, c, theme, data),
    paint(p, c, theme) {
      const d = data.curves
      if (!d) { return }
      const M = d.mu.length, D = d.at.length
      for (const [i, colour, dash, shape] of [[0, theme.x, DASH.solid, "circle"], [1, theme.y, DASH.dash, "square"]]) {
        settlingLine(p, c, d.mu, d.chi, d.chiSpread, d.settled, i * M, M, colour, 1.8, dash)
        points(p, c, d.at, d.chiDirect, d.chiError, i * D, D, colour, shape)
      }
      legend(p, c, theme, [
        {text: "χx", colour: theme.x}, {text: "χy", colour: theme.y, dash: DASH.dash},
        {text: d.adaptive ? "direct (8)" : "pale: not settled", colour: theme.faint, shape: "circle"},
      ])
      if (vanishes(d.chi)) { sayZero(p, c, theme) }
    },
    hover(p, x) {
      const d = data.curves, i = nearest(d.mu, x), M = d.mu.length
      return curveHover(p, d.mu[i], [`χx ${formatNumber(d.chi[i], 3)}`, `χy ${formatNumber(d.chi[M + i], 3)} nm/Ω`])
    },
    click(p, x) { actions.setMu(x) },
  })
}

function alphaPanel(parent, data, actions) {
  return new Plot(parent, {
    title: "α(μ), three ways", about: "α of μ", aria: "alpha x and alpha y against the chemical potential: direct, Mott integral, low-temperature Mott",
    xlabel: "μ [eV]", ylabel: () => "α [nA nm/K]", head: LEGEND,
    still: () => [data.curves], moving: () => [data.head.mu], live: (p, c, theme) => muLine(p, c, theme, data),
    paint(p, c, theme) {
      const d = data.curves
      if (!d) { return }
      const M = d.mu.length, D = d.at.length
      for (const [i, colour, shape] of [[0, theme.x, "circle"], [1, theme.y, "square"]]) {
        line(p, c, d.mu, d.alphaLow, i * M, M, colour, 1.2, DASH.dot)
        settlingLine(p, c, d.mu, d.alphaMott, d.alphaSpread, d.settled, i * M, M, colour, 1.7, i ? DASH.dash : DASH.solid)
        points(p, c, d.at, d.alphaDirect, d.alphaError, i * D, D, colour, shape)
      }
      legend(p, c, theme, [
        {text: "x (12)", colour: theme.x}, {text: "y (12)", colour: theme.y, dash: DASH.dash},
        {text: d.adaptive ? "(9)" : "(9) …", colour: theme.faint, shape: "circle"}, {text: "(13)", colour: theme.faint, dash: DASH.dot},
      ])
      if (vanishes(d.alphaMott)) { sayZero(p, c, theme) }
    },
    hover(p, x) {
      const d = data.curves, i = nearest(d.mu, x), M = d.mu.length
      return curveHover(p, d.mu[i], [`αx ${formatNumber(d.alphaMott[i], 3)}`, `αy ${formatNumber(d.alphaMott[M + i], 3)} nA nm/K`])
    },
    click(p, x) { actions.setMu(x) },
  })
}

function residualPanel(parent, data, actions) {
  return new Plot(parent, {
    title: "Residuals of the Mott relations", about: "residuals", aria: "Residuals of the Mott relations, relative to the maximum of alpha",
    xlabel: "μ [eV]", ylabel: () => "|Δα| / max|α|", log: true, head: LEGEND,
    still: () => [data.curves], moving: () => [data.head.mu], live: (p, c, theme) => muLine(p, c, theme, data),
    paint(p, c, theme) {
      const d = data.curves
      if (!d) { return }
      c.strokeStyle = theme.frame; c.setLineDash([2, 3]); c.lineWidth = 1
      c.beginPath(); c.moveTo(p.x0, p.py(-3)); c.lineTo(p.x1, p.py(-3)); c.stroke(); c.setLineDash([])
      const D = d.at.length
      for (const [i, colour, shape] of [[0, theme.x, "circle"], [1, theme.y, "square"]]) {
        line(p, c, d.at, d.residualLow, i * D, D, colour, 1.2, DASH.dot)
        line(p, c, d.at, d.residualMott, i * D, D, colour, 1, i ? DASH.dash : DASH.solid)
        points(p, c, d.at, d.residualMott, null, i * D, D, colour, shape)
      }
      legend(p, c, theme, [
        {text: "(9)−(12) x", colour: theme.x, shape: "circle"}, {text: "y", colour: theme.y, shape: "square"},
        {text: "(12)−(13)", colour: theme.faint, dash: DASH.dot},
      ])
      if (vanishes(d.alphaMott)) { say(p, c, theme, "nothing to compare: α is zero at every μ", (p.y0 + p.y1) / 2) }
    },
    hover(p, x) {
      const d = data.curves, i = nearest(d.at, x), D = d.at.length
      return curveHover(p, d.at[i], [`(9)−(12): x ${formatNumber(10 ** d.residualMott[i], 2)}, y ${formatNumber(10 ** d.residualMott[D + i], 2)}`])
    },
    click(p, x) { actions.setMu(x) },
  })
}
