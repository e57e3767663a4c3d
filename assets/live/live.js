// The live view: one message in, six panels, readouts and checks out; each drawn frame is acknowledged.

function decode(buffer) {
  const view = new DataView(buffer), size = view.getUint32(0, true)
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)))
  const types = {f4: Float32Array, u1: Uint8Array}
  const arrays = {}
  for (const [name, [type, offset, length]] of Object.entries(head.arrays)) {
    arrays[name] = new types[type](buffer, offset, length)
  }
  return [head, arrays]
}

function toBuffer(value) {
  if (value == null) { return null }
  if (value instanceof ArrayBuffer) { return value }
  if (value.buffer instanceof ArrayBuffer) {
    return value.byteOffset === 0 && value.byteLength === value.buffer.byteLength ? value.buffer : value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength)
  }
  return null
}

function decades(arrays) {
  let low = -5
  for (const a of arrays) { for (const v of a) { if (v < low) { low = v } } }
  return [Math.max(-10, Math.min(-5, Math.floor(low))), 0.9]
}

const TITLES = {responses: "responses", magnetization: "induced magnetization", checks: "checks"}

export function render({model}) {
  const root = document.createElement("div")
  root.className = "live"
  root.innerHTML = `<p class="nothing" role="status" hidden></p><div class="grid"></div><section class="foot" aria-label="Numbers and checks"></section>`
  const why = explainer(model, root, model.notes, (at) => model.send_msg({theory: at}))
  const grid = root.querySelector(".grid"), foot = root.querySelector(".foot"), cards = {}
  for (const name of ["responses", "magnetization", "checks"]) {
    const card = document.createElement("div")
    card.className = "card"
    card.dataset.card = name
    cards[name] = document.createElement("div") // what is written anew in a drag; the button beside it stays
    card.append(cards[name], why(name, TITLES[name]))
    foot.append(card)
  }
  const nothing = root.querySelector(".nothing")
  nothing.addEventListener("click", (e) => {
    const view = e.target.closest("[data-view]")?.dataset.view
    if (view) { model.send_msg({view}) }
  })
  let nothingShown = ""
  const data = {head: {}, path: null, map: null, curves: null}
  const plots = {}
  const actions = {
    setMu: (mu) => model.send_msg({mu}),
    pick: (x, y) => model.send_msg({k: [x, y]}),
    follow: (component, cursor) => plots[component ? "mapX" : "mapY"].setCursor(cursor),
    together: (component, range) => { const p = plots[component ? "mapX" : "mapY"]; p.range = range; p.resetButton.hidden = !range; p.redraw() },
  }
  plots.bands = bandPanel(grid, data, actions)
  plots.mapX = mapPanel(grid, data, actions, 0)
  plots.mapY = mapPanel(grid, data, actions, 1)
  plots.chi = chiPanel(grid, data, actions)
  plots.alpha = alphaPanel(grid, data, actions)
  plots.residual = residualPanel(grid, data, actions)
  for (const [name, plot] of Object.entries(plots)) { plot.caption.append(why(name, plot.o.about)) }
  const page = thePage(), theme = () => (page?.dark_theme ? THEMES.dark : THEMES.light)
  let waiting = false, shownTheme = null

  let footNext = {}, footShown = {}, footTimer = 0, footAt = -1e9
  function showFoot() {
    clearTimeout(footTimer)
    footTimer = 0; footAt = performance.now()
    for (const [name, html] of Object.entries(footNext)) { if (footShown[name] !== html) { cards[name].innerHTML = html } }
    footShown = footNext
  }

  function take(buffer) {
    const [head, a] = decode(buffer)
    data.head = head
    if (a.path_x) {
      data.path = {...head.path, x: a.path_x, e: a.path_e, c: a.path_c}
      plots.bands.home = {x: [a.path_x[0], a.path_x[a.path_x.length - 1]], y: head.window}
    }
    if (data.path) { plots.bands.setTitle(data.path.title) }
    if (a.map_x) {
      data.map = {...head.map, bytes: [a.map_x, a.map_y], outline: a.outline, contour: a.contour, exact: null}
      const o = a.outline, xs = o.filter((_, i) => i % 2 === 0), ys = o.filter((_, i) => i % 2)
      const pad = 0.03 * (Math.max(...xs) - Math.min(...xs))
      const home = {x: [Math.min(...xs) - pad, Math.max(...xs) + pad], y: [Math.min(...ys) - pad, Math.max(...ys) + pad]}
      plots.mapX.home = plots.mapY.home = home
      plots.mapX.setTitle(head.map.titles[0]); plots.mapY.setTitle(head.map.titles[1])
    }
    if (a.exact_x && data.map) { data.map.exact = [a.exact_x, a.exact_y] }
    if (a.curve_mu) {
      const d = data.curves = {
        mu: a.curve_mu, at: a.curve_at, chi: a.chi, chiDirect: a.chi_direct, chiError: a.chi_error, alphaMott: a.alpha_mott,
        alphaLow: a.alpha_low, alphaDirect: a.alpha_direct, alphaError: a.alpha_error, residualMott: a.residual_mott,
        residualLow: a.residual_low, adaptive: head.adaptive, settled: a.settled, chiSpread: a.chi_spread,
        alphaSpread: a.alpha_spread,
      }
      const x = [d.mu[0], d.mu[d.mu.length - 1]]
      plots.chi.home = {x, y: spread(d.adaptive ? [d.chi, d.chiDirect] : [d.chi], 0.07)}
      plots.alpha.home = {x, y: spread(d.adaptive ? [d.alphaMott, d.alphaDirect] : [d.alphaMott], 0.07)}
      plots.residual.home = {x, y: decades([d.residualMott])}
    }
    if (head.nothing !== undefined && head.nothing !== nothingShown) {
      nothing.innerHTML = nothingShown = head.nothing
      nothing.hidden = !head.nothing
    }
    footNext = head.foot || {}
    // The numbers below cost a layout of the page: ten times a second is as fast as they can be read.
    const rest = head.stage === "sharp" ? 0 : footAt + 100 - performance.now()
    if (rest <= 0) { showFoot() } else if (!footTimer) { footTimer = setTimeout(showFoot, rest) }
    root.dataset.frame = head.frame; root.dataset.stage = head.stage
  }

  function paint() {
    waiting = false
    const t = theme()
    root.classList.toggle("dark", t === THEMES.dark)
    if (shownTheme !== t) { shownTheme = t; root.style.setProperty("--plot", t.plot) }
    for (const p of Object.values(plots)) { p.draw(t) }
    root.dataset.painted = data.head.frame
    if (data.head.frame) { model.send_msg({drawn: data.head.frame}) }
  }

  function schedule() {
    if (waiting) { return }
    waiting = true
    if (document.hidden) { setTimeout(paint, 50) } else { requestAnimationFrame(paint) }
  }

  model.on("message", () => {
    const buffer = toBuffer(model.message)
    if (buffer && buffer.byteLength) { take(buffer); schedule() }
  })
  page?.properties.dark_theme.change.connect(schedule)
  const first = toBuffer(model.message)
  if (first && first.byteLength) { take(first) }
  model.send_msg({opened: window.innerWidth})
  schedule()
  return root
}
