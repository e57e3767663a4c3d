// The text of the theory, a section at a time. Its numbers lead to their equations, and where it stands is told.

export function render({model}) {
  const root = document.createElement("div")
  root.className = "theory"
  let shown = null
  function show() {
    const {pages, at} = model, page = pages.find((html) => html.includes(`id="${at}"`)) ?? pages[0]
    if (page !== shown) { shown = page; root.innerHTML = page }
    return root.querySelector(`[id="${at}"]`)
  }
  function go() {
    const place = show()
    for (const old of root.querySelectorAll(".at")) { old.classList.remove("at") }
    place?.classList.add("at")
    place?.scrollIntoView({block: place.tagName === "H2" ? "nearest" : "center"})
    place?.focus({preventScroll: true})
  }
  root.addEventListener("click", (e) => {
    const link = e.target.closest("a[href^='#']")
    if (!link) { return }
    e.preventDefault()
    const at = link.getAttribute("href").slice(1)
    if (at === model.at) { go() } else { model.at = at }
  })
  model.on("at", go)
  show()
  if (model.at !== "section-1") { setTimeout(go, 100) } // who was led here before there was anything to show
  return root
}
