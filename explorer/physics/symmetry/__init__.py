"""Operations of a crystal and what they leave of each response."""
