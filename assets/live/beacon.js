// The last part of a tab. It stands once the browser has built all that comes before it in the tab, and says so.

export function render({model}) {
  const root = document.createElement("span")
  let waiting = 0
  function soon() { clearTimeout(waiting); waiting = setTimeout(tell, 20) }
  function tell() {
    if (root.isConnected) { model.send_msg({opened: model.turn}) } else { soon() }
  }
  model.on("turn", soon)
  soon()
  return root
}
