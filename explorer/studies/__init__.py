"""What a tab asks beyond a response: curves, tables, comparisons with the paper."""
