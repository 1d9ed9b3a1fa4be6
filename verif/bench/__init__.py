"""A program on the whole chip under plain cocotb, to measure its speed."""
