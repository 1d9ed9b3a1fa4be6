"""What the environments of the arithmetic units and of the PE arrays share."""
