"""What is drawn: each module turns a result into glyph data and computes no physics."""
