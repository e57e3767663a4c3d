"""Explorer of thermoelectrically induced orbital magnetization in 2D metals."""
