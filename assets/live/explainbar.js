// A row of question marks above the figures of a tab, one for each thing that they show.

export function render({model}) {
  const root = document.createElement("div")
  root.className = "explain-bar"
  root.setAttribute("role", "group")
  root.setAttribute("aria-label", "Explanations")
  const entries = model.entries, notes = Object.fromEntries(entries.map(([, html], i) => [i, html]))
  const make = explainer(model, root, notes, (at) => model.send_msg({theory: at}))
  entries.forEach(([title], i) => {
    const plain = document.createElement("span")
    plain.innerHTML = title
    root.append(make(i, plain.textContent, title))
  })
  return root
}
