// Bokeh measures a figure that it has built but not laid out yet where something else changes its size meanwhile, and
// throws. A figure is measured again once it is laid out, so the early call is left out.

const figureView = window.Bokeh.Models.get("Figure").prototype.default_view.prototype
for (const name of ["_measure_layout", "_after_layout"]) {
  const plain = figureView[name]
  figureView[name] = function () { if (this.layout != null) { plain.call(this) } }
}
