"""What is measured: magnetizations, fields, scaling with temperature."""
