"""What the environments of the FIFOs and of the plain RAMs share."""
