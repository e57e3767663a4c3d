// The address of the page: what the server writes there, and where the buttons Back and Forward lead.

export function render({model}) {
  const root = document.createElement("span")
  const at = search => `${window.location.pathname}${search}`
  function write() {
    const {search, left} = model.entry
    if (search == null) { return }
    const here = left ?? search
    if (here !== window.location.search) { window.history.replaceState({}, "", at(here)) }
    if (here !== search) { window.history.pushState({}, "", at(search)) }
  }
  const went = () => model.send_msg({search: window.location.search})
  window.addEventListener("popstate", went)
  model.on("remove", () => window.removeEventListener("popstate", went))
  model.on("entry", write)
  return root
}
